-- Keeps a person's word on findings, or takes one back, and shows it where the findings are
-- shown: on their comments, in the summary and the check that stand; it is counted, too. Saying it
-- again changes nothing. Answers 'said', or why not: 'unknown', 'newer', 'full'.
local job = job_of(ask.job)
if not job.v then return 'unknown' end
if job.newer then return 'newer' end
local key = KEY.words .. ask.of

-- A word that reaches further holds against an earlier one on a single finding.
local function drop()
  local dropped = 0
  for _, field in ipairs(ask.drop) do
    dropped = dropped + redis.call('HDEL', KEY.words .. job.id, field)
  end
  return dropped
end

-- What is said of a pull request is kept as long as the rest of it; rules are kept for good.
local function say()
  if ask.word == '' then return redis.call('HDEL', key, ask.field) end
  local before = redis.call('HGET', key, ask.field)
  if before and before:match('\n(.*)$') == ask.word then return 0 end
  redis.call('HSET', key, ask.field, now .. '\n' .. ask.word)
  if ask.of == job.id then redis.call('EXPIRE', key, policy.keep) end
  return 1
end

local is_full = ask.word ~= '' and redis.call('HEXISTS', key, ask.field) == 0
  and redis.call('HLEN', key) >= ask.most
if is_full then return 'full' end
if drop() + say() > 0 then
  show_again(job)
  listen(job, now)
  touch(job)
end
return 'said'
