-- Closes the breaker after a success; one from before it opened tells nothing.
local id = ask.kind .. ':' .. ask.side
local known = redis.call('HMGET', KEY.breaker .. id, 'open', 'under')
if known[2] == ask.under and num(known[1]) > now then return 0 end
redis.call('ZREM', KEY.breakers, id)
return redis.call('DEL', KEY.breaker .. id)
