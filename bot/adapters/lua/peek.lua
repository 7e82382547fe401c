-- Tells for each running job (`<id>` → epoch) whether its holder still has it, and which head
-- is wanted; changes nothing, so it may be asked often.
local found = {}
for id, epoch in pairs(ask.jobs) do
  local job = redis.call('HMGET', KEY.job .. id, 'stage', 'epoch', 'head', 'run_head')
  if job[1] ~= 'running' or job[2] ~= epoch then
    found[#found + 1] = {id, 'lost', ''}
  elseif job[3] ~= job[4] then
    found[#found + 1] = {id, 'moved', job[3]}
  end
end
return found
