-- Where a waiting job stands: in `later` until it is due, then in `due` and in the rings.
-- An installation or a repository that was served goes to the end of its ring.

local function ring_of(job)
  return job.inst ~= '' and job.inst or '-'
end

-- A repository has a place under each installation: the App may have been installed anew.
local function repo_ring(inst, repo_id)
  return KEY.ring_repo .. inst .. ':' .. repo_id
end

local function make_ready(job, due_at)
  local turn = num(redis.call('GET', KEY.turn) or '')
  redis.call('ZADD', KEY.due, due_at, job.id)
  redis.call('ZADD', repo_ring(ring_of(job), job.repo_id), due_at, job.id)
  redis.call('ZADD', KEY.ring_inst .. ring_of(job), 'NX', turn, job.repo_id)
  redis.call('ZADD', KEY.ring, 'NX', turn, ring_of(job))
end

local function drop_empty_rings(inst, repo_id)
  if redis.call('EXISTS', repo_ring(inst, repo_id)) == 0 then
    redis.call('ZREM', KEY.ring_inst .. inst, repo_id)
  end
  if redis.call('EXISTS', KEY.ring_inst .. inst) == 0 then
    redis.call('ZREM', KEY.ring, inst)
  end
end

local function unschedule(job)
  redis.call('ZREM', KEY.later, job.id)
  if redis.call('ZREM', KEY.due, job.id) == 1 then
    redis.call('ZREM', repo_ring(ring_of(job), job.repo_id), job.id)
    drop_empty_rings(ring_of(job), job.repo_id)
  end
end

-- A job that is due already keeps its place in the rings.
local function schedule(job, due_at)
  if redis.call('ZSCORE', KEY.due, job.id) and due_at <= now then return end
  unschedule(job)
  put(job, {stage = 'waiting', due_at = due_at})
  if due_at <= now then
    make_ready(job, due_at)
  else
    redis.call('ZADD', KEY.later, due_at, job.id)
  end
end

-- Moves what became due; returns how many. Bounded, so that no call is long.
local function promote()
  local found = redis.call('ZRANGEBYSCORE', KEY.later, '-inf', now, 'WITHSCORES', 'LIMIT', 0, 200)
  for i = 1, #found, 2 do
    redis.call('ZREM', KEY.later, found[i])
    make_ready(job_of(found[i]), found[i + 1])
  end
  return #found / 2
end

local function first_of(ring)
  return redis.call('ZRANGE', ring, 0, 0)[1]
end

-- Takes the oldest due job of the repository whose turn it is.
local function next_ready()
  local inst = first_of(KEY.ring)
  if not inst then return nil end
  local repo_id = first_of(KEY.ring_inst .. inst)
  local id = redis.call('ZPOPMIN', repo_ring(inst, repo_id))[1]
  local turn = redis.call('INCR', KEY.turn)
  redis.call('ZADD', KEY.ring, turn, inst)
  redis.call('ZADD', KEY.ring_inst .. inst, turn, repo_id)
  drop_empty_rings(inst, repo_id)
  redis.call('ZREM', KEY.due, id)
  return job_of(id)
end
