-- Lets channels follow a run: each shows the pull request in one card, from its first run on. A
-- channel that is to be left alone is told only where its card stands already. Repeating a call
-- changes nothing more.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then return 'lost' end
local cards = KEY.cards .. job.id
local told = false
for _, each in ipairs(ask.channels) do
  if not each.only_known or redis.call('HEXISTS', cards, each.id) == 1 then
    local stored = 'channel\n' .. each.json
    redis.call('HSET', cards, each.id, stored)
    redis.call('HSET', KEY.run .. job.id, each.id, stored)
    set_answer_row(job, each.id, stored, 'running', target_of_run(job))
    told = true
  end
end
if told then redis.call('EXPIRE', cards, policy.keep) end
return 'told'
