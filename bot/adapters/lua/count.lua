-- Counts for probes and metrics; changes nothing.
local function first_score(index)
  return num(redis.call('ZRANGE', index, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2])
end

local function age(index)
  local first = first_score(index)
  return first > 0 and now - first or 0
end

local overdue = redis.call('ZCOUNT', KEY.later, '-inf', now)
return {
  redis.call('ZCARD', KEY.due) + overdue,
  redis.call('ZCARD', KEY.later) - overdue,
  redis.call('ZCARD', KEY.leases),
  redis.call('ZCARD', KEY.dead),
  math.max(age(KEY.due), age(KEY.later)),
  redis.call('ZCARD', KEY.rows),
  age(KEY.rows),
  redis.call('ZCOUNT', KEY.workers, now - policy.beat_lifetime, '+inf'),
}
