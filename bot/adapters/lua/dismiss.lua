-- Keeps a person's word on findings, or takes one back, and shows it where the findings are
-- shown: on their comments, in the summary and the check that stand. Saying it again changes
-- nothing. Answers 'said', or why not: 'unknown', 'newer', 'full'.
local job = job_of(ask.job)
if not job.v then return 'unknown' end
if job.newer then return 'newer' end
local key = KEY.words .. ask.of

local function remains()
  local before = redis.call('HGET', key, ask.field)
  if ask.word == '' then return redis.call('HDEL', key, ask.field) == 0 end
  return before and before:match('\n(.*)$') == ask.word
end

if remains() then return 'said' end
if ask.word ~= '' then
  local is_new = redis.call('HEXISTS', key, ask.field) == 0
  if is_new and redis.call('HLEN', key) >= ask.most then return 'full' end
  redis.call('HSET', key, ask.field, now .. '\n' .. ask.word)
  -- What is said of a pull request is kept as long as the rest of it; rules are kept for good.
  if ask.of == job.id then redis.call('PEXPIRE', key, redis.call('PTTL', KEY.job .. job.id)) end
end

-- What stands is about the head of the summary; without one, nothing was found.
local function show()
  local summary = hash_of(KEY.row .. job.id .. '|summary|')
  local at = summary.at or ''
  if at == '' then return end
  local state = 'done:' .. job.epoch .. ':' .. now
  for _, row in ipairs({{'summary', ''}, {'check', at}}) do
    if redis.call('EXISTS', KEY.row .. job.id .. '|' .. row[1] .. '|' .. row[2]) == 1 then
      set_row(job, row[1], row[2], state, {at = at})
    end
  end
  set_row(job, 'findings', '', state, {at = at, cid = summary.cid, person = 0})
end

show()
touch(job)
return 'said'
