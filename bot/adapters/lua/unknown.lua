-- Tells which of these heads of pull requests have neither an outcome nor a job that waits or
-- runs, by their places in the list from 0 on; changes nothing.
local found = {}
for i, pull in ipairs(ask.pulls) do
  local stage = redis.call('HGET', KEY.job .. pull.job, 'stage')
  local done = KEY.done .. pull.job .. ':' .. pull.head
  local last = redis.call('HGET', done, 'last')
  local kind = last and redis.call('HGET', done, last .. ':kind')
  local known = stage == 'waiting' or stage == 'running' or (kind and ask.settled[kind])
  if not known then found[#found + 1] = i - 1 end
end
return found
