-- Sets right what time changed: jobs that became due, leases that ran out. Returns how many
-- jobs need a ring, and the milliseconds until the next one will.
local woken = expire_leases() + promote()
local overdue = redis.call('ZCOUNT', KEY.due, '-inf', now - policy.overdue)

local function wait_for(index)
  local first = redis.call('ZRANGE', index, 0, 0, 'WITHSCORES')[2]
  return first and math.max(0, first - now) or -1
end

redis.call('ZREMRANGEBYSCORE', KEY.jobs, '-inf', now - policy.keep * 1000)
redis.call('ZREMRANGEBYSCORE', KEY.workers, '-inf', now - policy.beat_lifetime)
return {woken + overdue, wait_for(KEY.later), wait_for(KEY.leases)}
