-- Forgets earlier guesses: GitHub answers again. An answer from before the limit tells nothing.
local key = KEY.pace .. ask.scope
if num(redis.call('HGET', key, 'closed')) > now then return 0 end
return redis.call('HDEL', key, 'guesses')
