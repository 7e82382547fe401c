-- Takes one of `most` turns in the last `window` milliseconds. Asking again for the same turn gets
-- the same answer: 'given', 'told' for the first one over the limit, 'over' for all others.
local key = KEY.turns_of .. ask.of
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - ask.window)
if redis.call('ZCARD', key) <= ask.most then
  redis.call('ZADD', key, 'NX', now, ask.turn)
  redis.call('PEXPIRE', key, ask.window)
end
local rank = redis.call('ZRANK', key, ask.turn)
if not rank then return 'over' end
return rank < ask.most and 'given' or 'told'
