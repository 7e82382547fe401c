-- Claims the fairest due job for a lease, with a new epoch. Repeating a call (same token)
-- returns the same job while it is still held.
local claim = KEY.claim .. ask.token

local function given(job, origins)
  local stored = {}
  for _, each in pairs(origins) do stored[#stored + 1] = each end
  return {row_of(job), stored}
end

local function start(job)
  put(job, {
    stage = 'running', run_head = job.head, run_ordinal = job.ordinal, run_focus = job.focus,
    run_gen = job.gen, run_cid = job.cid, run_token = ask.token, run_by = ask.worker,
    epoch = next_epoch(job), attempts = num(job.attempts) + 1, started = now,
    lease_until = now + policy.lease, due_at = '', first_wait = '', not_before = '',
    limit = '', limited_until = '', rank = '',
  })
  redis.call('ZADD', KEY.leases, now + policy.lease, job.id)
end

-- Those who asked since the last attempt join those whom it was to answer.
local function gather_origins(job)
  local asked, run = KEY.asked .. job.id, KEY.run .. job.id
  if redis.call('EXISTS', asked) == 1 and redis.call('RENAMENX', asked, run) == 0 then
    redis.call('HSET', run, unpack(redis.call('HGETALL', asked)))
    redis.call('DEL', asked)
  end
  return origins_in(KEY.run, job)
end

-- Jobs that crashed with everything around them run one at a time, so that the one that is to
-- blame takes no other along.
local function is_kept_apart(job)
  if num(job.crashes) < policy.max_crashes - 1 then return false end
  local other = redis.call('GET', KEY.suspect)
  if other and other ~= job.id and redis.call('ZSCORE', KEY.leases, other) then
    schedule(job, now + policy.apart)
    save(job)
    return true
  end
  redis.call('SET', KEY.suspect, job.id, 'PX', DAY)
  return false
end

local function first_of(ring)
  return redis.call('ZRANGE', ring, 0, 0)[1]
end

-- Takes the first job of the repository whose turn it is out of the rings.
local function pop_ready()
  local inst = first_of(KEY.ring)
  if not inst then return nil end
  local repo_id = first_of(KEY.ring_inst .. inst) or ''
  local id = redis.call('ZPOPMIN', repo_ring(inst, repo_id))[1] or ''
  set_rings(inst, repo_id, true)
  redis.call('ZREM', KEY.due, id)
  return job_of(id)
end

-- Takes the fairest job that can run. Bounded, so that no call is long.
local function next_ready()
  for _ = 1, 50 do
    local job = pop_ready()
    if not job then return nil end
    if job.newer then
      set_aside(job)
    elseif job.v then
      put(job, {stage = '', due_at = ''})
      if not is_kept_apart(job) then return job end
    end
  end
  return nil
end

local held = redis.call('GET', claim)
if held then
  local job = job_of(held)
  return job.run_token == ask.token and job.stage == 'running' and not job.newer
    and given(job, origins_in(KEY.run, job))
end

expire_leases()
promote()
local job = next_ready()
if not job then return false end
start(job)
local origins = gather_origins(job)
redis.call('SET', claim, job.id, 'PX', policy.lease)
local at = target_of_run(job)
set_row(job, 'check', at, 'running', {at = at, cid = job.cid, person = person_waits(origins)})
set_answer_rows(job, origins, 'running', at)
touch(job)
count('claims')
return given(job, origins)
