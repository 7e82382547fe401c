-- Takes pull requests to look at, each with the milliseconds for which its job has rested. Each
-- comes again later unless it is cleared; those whose job does not rest for long do so at once.
local found = {}
local due = redis.call('ZRANGE', KEY.doubts, '-inf', now, 'BYSCORE', 'LIMIT', 0, ask.limit)
for _, doubt in ipairs(due) do
  local job = redis.call('HMGET', KEY.job .. cjson.decode(doubt).job_id, 'stage', 'updated')
  local busy = job[1] == 'waiting' or job[1] == 'running'
  local rested = busy and -1 or now - num(job[2])
  redis.call('ZADD', KEY.doubts, now + ask.again, doubt)
  if rested >= ask.rest then found[#found + 1] = {doubt, rested, tostring(now + ask.again)} end
end
return found
