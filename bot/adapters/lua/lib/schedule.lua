-- Where a waiting job stands: in `later` until it is due, then in `due` and in the rings.
-- An installation or a repository that was served goes to the end of its ring.
local turn = time[1] * 1000000 + time[2]

-- A bucket is one number: the time at which it will be full again (GCRA). So a full one is as
-- good as none, and needs no place.
-- https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
local function add_bucket(buckets, name, rate)
  if rate >= 1 then
    buckets[#buckets + 1] = name
    buckets[#buckets + 1] = HOUR / rate
  end
end

local function add_for_all(buckets, repo_id, owner)
  add_bucket(buckets, 'repository:' .. repo_id, policy.per_repository)
  add_bucket(buckets, 'organisation:' .. owner, policy.per_organisation)
end

-- Takes one from each bucket, names and the times of one in turn, or a place in its future; who
-- must wait for a person's takes nothing from those of others yet. Returns when it may start,
-- what makes it wait, and how far the first bucket is used up.
local function take(buckets)
  local names, changes, start, by, used = {}, {}, now, '', now
  for i = 1, #buckets, 2 do names[#names + 1] = buckets[i] end
  if #names == 0 then return start, by, used end
  local full_at = redis.call('ZMSCORE', KEY.limits, unpack(names))
  for i, name in ipairs(names) do
    if by == 'person' and name:sub(1, 7) ~= 'person:' then break end
    local full = math.max(now, full_at[i] or 0) + buckets[2 * i]
    if i == 1 then used = full - buckets[2] end
    if full - HOUR > start then start, by = math.ceil(full - HOUR), name:match('^%a+') end
    changes[2 * i - 1], changes[2 * i] = math.floor(full), name
  end
  redis.call('ZADD', KEY.limits, unpack(changes))
  return start, by, used
end

local function limit(job, start, by)
  put(job, {limit = by, limited_until = start})
  count('delayed:' .. by)
end

local function ring_of(job)
  return job.inst ~= '' and job.inst or '-'
end

-- A repository has a place under each installation: the App may have been installed anew.
local function repo_ring(inst, repo_id)
  return KEY.ring_repo .. inst .. ':' .. repo_id
end

-- Within its repository, a job stands behind those of people who had fewer reviews lately.
local function make_ready(job, due_at)
  local inst, rank = ring_of(job), num(job.rank)
  local at = ('%d.%03d'):format(due_at, time[2] % 1000)  -- in the order of their coming
  redis.call('ZADD', KEY.due, at, job.id)
  redis.call('ZADD', repo_ring(inst, job.repo_id), rank > due_at and rank or at, job.id)
  redis.call('ZADD', KEY.ring_inst .. inst, 'NX', turn, job.repo_id)
  redis.call('ZADD', KEY.ring, 'NX', turn, inst)
end

-- The next turn of an installation and a repository in their rings, or the end of their stay.
local function set_rings(inst, repo_id, is_turn)
  if redis.call('EXISTS', repo_ring(inst, repo_id)) == 0 then
    redis.call('ZREM', KEY.ring_inst .. inst, repo_id)
  elseif is_turn then
    redis.call('ZADD', KEY.ring_inst .. inst, turn, repo_id)
  end
  if redis.call('EXISTS', KEY.ring_inst .. inst) == 0 then
    redis.call('ZREM', KEY.ring, inst)
  elseif is_turn then
    redis.call('ZADD', KEY.ring, turn, inst)
  end
end

local function unschedule(job)
  if job.stage ~= 'waiting' then return end
  redis.call('ZREM', KEY.later, job.id)
  if redis.call('ZREM', KEY.due, job.id) == 1 then
    redis.call('ZREM', repo_ring(ring_of(job), job.repo_id), job.id)
    set_rings(ring_of(job), job.repo_id, false)
  end
end

-- A job that is due already keeps its place in the rings.
local function schedule(job, due_at)
  if job.stage == 'waiting' and num(job.due_at) <= now and due_at <= now then return end
  unschedule(job)
  put(job, {stage = 'waiting', due_at = due_at})
  if due_at <= now then
    make_ready(job, due_at)
  else
    redis.call('ZADD', KEY.later, due_at, job.id)
  end
end

local WRITTEN_BY_NEWER =
  'A newer version of Argus wrote this job; it runs again when that version does.'

-- A job that a newer version wrote cannot be run by this one. It is a dead letter until a
-- version that can read it comes; nothing else in it is touched.
local function set_aside(job)
  for _, index in ipairs({KEY.later, KEY.leases}) do redis.call('ZREM', index, job.id) end
  redis.call('HSET', KEY.job .. job.id, 'stage', 'dead', 'reason', WRITTEN_BY_NEWER)
  redis.call('ZADD', KEY.dead, now, job.id)
  redis.call('ZADD', KEY.aside, job.v, job.id)
end

-- What a person's limit held back meets the limits of everyone when its time comes.
local function waits_on(job)
  if job.limit ~= 'person' then return false end
  local buckets = {}
  add_for_all(buckets, job.repo_id, job.owner)
  local start, by = take(buckets)
  if start > now then
    limit(job, start, by)
    put(job, {due_at = start})
    redis.call('ZADD', KEY.later, start, job.id)
  else
    put(job, {limit = '', limited_until = ''})
  end
  save(job)
  return start > now
end

-- Moves what became due; returns how many. Bounded, so that no call is long.
local function promote()
  local found, ready = redis.call('ZRANGEBYSCORE', KEY.later, '-inf', now, 'LIMIT', 0, 200), 0
  for _, id in ipairs(found) do
    redis.call('ZREM', KEY.later, id)
    local job = job_of(id)
    if job.newer then
      set_aside(job)
    elseif job.v and not waits_on(job) then
      make_ready(job, num(job.due_at))
      ready = ready + 1
    end
  end
  return ready
end

-- How long runs take is a mean that leans to the latest of them.
local LEANS = 8

local function note_tempo(job)
  local took, mean = now - num(job.started), num(redis.call('HGET', KEY.tempo, 'run'))
  redis.call('HSET', KEY.tempo, 'run', math.floor(mean == 0 and took or mean + (took - mean) / LEANS))
  redis.call('EXPIRE', KEY.tempo, policy.keep_events)
end

-- What is left of a run, and of the next one where a newer wish waits for its end; 0 for a run
-- that takes longer than others did.
local function rest_of_run(job, run)
  local rest = math.max(0, run - (now - num(job.started)))
  return run_is_wanted(job) and rest or rest + run
end

-- Milliseconds until a job has its outcome, roughly: in whole seconds. While jobs wait, every slot
-- is busy. 0 where nothing runs that tells.
local function ready_in(job)
  local run, slots = num(redis.call('HGET', KEY.tempo, 'run')), redis.call('ZCARD', KEY.leases)
  if run == 0 then return 0 end
  if job.stage == 'running' then return math.floor(rest_of_run(job, run) / 1000) * 1000 end
  local ahead = redis.call('ZRANK', KEY.due, job.id) or redis.call('ZCARD', KEY.due)
  if ahead > 0 and slots == 0 then return 0 end
  local wait = math.max(0, num(job.due_at) - now)
  return math.floor((wait + run * (1 + ahead / math.max(slots, 1))) / 1000) * 1000
end
