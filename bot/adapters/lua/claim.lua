-- Claims the fairest due job for a lease, with a new epoch. Repeating a call (same token)
-- returns the same job while it is still held.
local claim = KEY.claim .. ask.token

local function given(job)
  return {redis.call('HGETALL', KEY.job .. job.id), redis.call('HVALS', KEY.run .. job.id)}
end

local function start(job)
  put(job, {
    stage = 'running', run_head = job.head, run_ordinal = job.ordinal, run_focus = job.focus,
    run_gen = job.gen, run_cid = job.cid, run_token = ask.token, run_by = ask.worker,
    epoch = num(job.epoch) + 1, attempts = num(job.attempts) + 1, started = now,
    lease_until = now + policy.lease, due_at = '', first_wait = '', not_before = '',
  })
  redis.call('ZADD', KEY.leases, now + policy.lease, job.id)
end

local function gather_origins(job)
  local waiting = redis.call('HGETALL', KEY.asked .. job.id)
  if #waiting > 0 then redis.call('HSET', KEY.run .. job.id, unpack(waiting)) end
  redis.call('DEL', KEY.asked .. job.id)
end

local held = redis.call('GET', claim)
if held then
  local job = job_of(held)
  return job.run_token == ask.token and job.stage == 'running' and given(job)
end

expire_leases()
promote()
local job = next_ready()
if not job then return false end
start(job)
gather_origins(job)
redis.call('SET', claim, job.id, 'PX', policy.lease)
local at = target_of_run(job)
set_row(job, 'check', at, 'running', {at = at, cid = job.cid, person = person_waits(job)})
set_answer_rows(job, KEY.run, 'running', at)
touch(job)
return given(job)
