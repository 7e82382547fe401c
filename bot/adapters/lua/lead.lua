-- Takes or keeps the lead in a duty, for a while.
local leader = redis.call('GET', KEY.leader .. ask.duty)
if leader and leader ~= ask.me then return 0 end
redis.call('SET', KEY.leader .. ask.duty, ask.me, 'PX', ask.term)
return 1
