-- Forgets a worker that ended properly, and its lead in any duty.
redis.call('DEL', KEY.worker .. ask.worker)
redis.call('ZREM', KEY.workers, ask.worker)
for _, duty in ipairs(ask.duties) do
  if redis.call('GET', KEY.leader .. duty) == ask.worker then
    redis.call('DEL', KEY.leader .. duty)
  end
end
return 1
