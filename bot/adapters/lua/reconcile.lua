-- Sets right what time changed: jobs that became due, leases that ran out, what nobody needs
-- any more. Returns how many jobs need a ring, and the milliseconds until the next one will.
local function wait_for(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2]
  return first and math.max(0, first - now) or -1
end

-- Jobs that an older version could not read, and this one can.
local function recall()
  local ids = redis.call('ZRANGEBYSCORE', KEY.aside, '-inf', SCHEMA, 'LIMIT', 0, 50)
  for _, id in ipairs(ids) do
    redis.call('ZREM', KEY.aside, id)
    local job = job_of(id)
    if job.stage == 'dead' then
      redis.call('ZREM', KEY.dead, id)
      put(job, {reason = '', attempts = 0, crashes = 0})
      schedule(job, now)
      touch(job)
    end
  end
  return #ids
end

-- Dead letters that nobody wanted back: the outcome says that they failed.
local function bury()
  local before = now - policy.keep_dead * 1000
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEY.dead, '-inf', before, 'LIMIT', 0, 50)) do
    redis.call('ZREM', KEY.dead, id)
    redis.call('ZREM', KEY.aside, id)
    local job = job_of(id)
    if job.stage == 'dead' then
      put(job, {stage = 'idle', attempts = 0, crashes = 0})
      save(job)
    end
  end
end

-- What is left of a job whose state has passed.
local function forget(id)
  for _, index in ipairs({KEY.jobs, KEY.later, KEY.due, KEY.leases, KEY.dead, KEY.aside}) do
    redis.call('ZREM', index, id)
  end
  redis.call('DEL', KEY.asked .. id, KEY.run .. id)
end

-- Looks at a few jobs now and then, and so at all of them in a while.
local function sweep()
  local last = redis.call('HMGET', KEY.sweep, 'at', 'when')
  if now - num(last[2]) < policy.sweep_apart then return end
  local at = num(last[1])
  local ids = redis.call('ZRANGE', KEY.jobs, at, at + policy.sweep - 1)
  local kept = 0
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', KEY.job .. id) == 1 then kept = kept + 1 else forget(id) end
  end
  redis.call('HSET', KEY.sweep, 'at', #ids < policy.sweep and 0 or at + kept, 'when', now)
end

local woken = expire_leases() + recall() + promote()
local overdue = redis.call('ZCOUNT', KEY.due, '-inf', now - policy.overdue)
bury()
sweep()
redis.call('ZREMRANGEBYSCORE', KEY.limits, '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEY.workers, '-inf', now - policy.beat_lifetime)
return {woken + overdue, wait_for(KEY.later), wait_for(KEY.leases)}
