-- Has the comments of open pull requests read again to which nothing happened since, those that wait
-- longest first; answers how many. Each comes again after a longer while, and not for ever.
local read = 0
local due = redis.call('ZRANGE', KEY.listening, '-inf', now, 'BYSCORE', 'LIMIT', 0, ask.limit)

local function come_again(id, looks)
  local wait = policy.listen[looks + 1]
  if wait then
    redis.call('ZADD', KEY.listening, now + wait, id)
  else
    redis.call('ZREM', KEY.listening, id)
  end
end

for _, id in ipairs(due) do
  local job = job_of(id)
  if not job.v or (job.ended or '') ~= '' then
    redis.call('ZREM', KEY.listening, id)
  elseif job.newer or job.stage == 'waiting' or job.stage == 'running' then
    come_again(id, 0)  -- its run reads them when it ends
  else
    local looks = num(job.looks) + 1
    put(job, {looks = looks})
    listen(job, 'look:' .. looks)
    save(job)
    come_again(id, looks)
    read = read + 1
  end
end
return read
