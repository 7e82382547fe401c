-- What every script starts with: its arguments, the time, jobs as tables.
-- Time is the server's alone: the clocks of workers may be wrong.
local SCHEMA = 2
local ask = cjson.decode(ARGV[1])  -- what is asked for
-- Waits in milliseconds, lifetimes in seconds, counts, reviews an hour.
local policy = cjson.decode(ARGV[2])

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local DAY = 86400000
local HOUR = 3600000

-- Numbers of a hash; absent and cleared ('') fields count as 0.
local function num(value)
  return tonumber(value or '') or 0
end

local function hash_of(key)
  local flat, hash = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

local function flat_of(hash)
  local flat = {}
  for name, value in pairs(hash) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  return flat
end

local function put_hash(key, hash, fields)
  for name, value in pairs(fields) do hash[name] = tostring(value) end
  redis.call('HSET', key, unpack(flat_of(fields)))
end

local function count(what)
  redis.call('HINCRBY', KEY.totals, what, 1)
end

-- Changes of a job are gathered in it, as names and values in turn, and written together. What
-- is empty or 0 needs no place.
local function put(job, fields)
  local unsaved = job.unsaved
  for name, value in pairs(fields) do
    local text, before = value .. '', job[name]
    if text ~= before then
      job[name] = text
      if before or text ~= '' and text ~= '0' then
        unsaved[#unsaved + 1] = name
        unsaved[#unsaved + 1] = text
      end
    end
  end
end

local function save(job)
  if job.unsaved[1] then
    redis.call('HSET', KEY.job .. job.id, unpack(job.unsaved))
    job.unsaved = {}
  end
end

-- What a row lacks that an older schema wrote: the only place that knows older schemas. Outbox
-- rows and outcomes have been the same since the first.
local function upgrade(job)
  if num(job.v) == 1 then
    local owner = cjson.decode(job.ref).owner:lower()
    put(job, {v = 2, owner = owner, asked_at = job.asked_at or job.wished_at})
  end
end

-- Returns the job, read as one of this schema; `newer` when a newer one wrote it, and without
-- `v` when there is none.
local function job_of(id)
  local job = hash_of(KEY.job .. id)
  job.id, job.inst, job.focus, job.past = id, job.inst or '', job.focus or '', job.past or ''
  job.ordinal, job.run_ordinal = job.ordinal or '0', job.run_ordinal or '0'
  job.unsaved = {}
  if job.v and num(job.v) < SCHEMA then upgrade(job) end
  job.newer = num(job.v) > SCHEMA
  return job
end

-- What the holder of a job gets of it: names and values in turn.
local function row_of(job)
  local row = {}
  for _, name in ipairs({'ref', 'repo_id', 'inst', 'run_head', 'run_ordinal', 'run_focus',
    'run_gen', 'run_cid', 'epoch', 'attempts', 'reviewed', 'review_id', 'review_for', 'started',
    'fenced_at', 'fenced_for',
    'wished_at'}) do
    row[#row + 1] = name
    row[#row + 1] = job[name] or ''
  end
  return row
end

-- Keeps the state of a job for so many seconds from now on. A lifetime is written anew once a
-- day, not at every step.
local function keep(job, seconds)
  local ends = now + seconds * 1000
  local lapsed = math.abs(ends - num(job.kept_until)) > DAY
  if lapsed then put(job, {kept_until = ends}) end
  save(job)
  if lapsed then
    redis.call('EXPIRE', KEY.job .. job.id, seconds)
    if num(job.reviewed) > 0 then
      redis.call('EXPIRE', KEY.memory .. job.id, seconds)
      redis.call('EXPIRE', KEY.words .. job.id, seconds)
    end
  end
end

-- Writes a job that changed; whatever happens to it lengthens its life.
local function touch(job)
  put(job, {updated = now})
  redis.call('ZADD', KEY.jobs, now, job.id)
  keep(job, policy.keep)
end

-- An epoch is never given twice, also by a server that lost what it gave: a holder from before
-- does not take another's claim for its own.
local function next_epoch(job)
  return math.max(num(job.epoch) + 1, now)
end

local function holds(job, epoch)
  return job.stage == 'running' and job.epoch == epoch and not job.newer
end

local function target_of_run(job)
  return job.run_head .. ':' .. job.run_ordinal
end

-- Nothing newer than the current run is wanted.
local function run_is_wanted(job)
  return job.head == job.run_head and job.ordinal == job.run_ordinal
end
