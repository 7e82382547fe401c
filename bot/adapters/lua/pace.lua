-- When a request to a platform may go. A write gets a turn, which a repeated call finds again.
local MINUTE, HOUR = 60000, 3600000
local pace, turns = KEY.pace .. ask.scope, KEY.turns .. ask.scope
local known = redis.call('HMGET', pace, 'closed', 'even', 'guesses')
local closed, guesses = num(known[1]) - now, num(known[3])

if closed > 0 then return {'closed', closed, guesses} end
if not ask.write then return {'go', 0, guesses} end

local mine = redis.call('ZSCORE', turns, ask.token)
if mine then return {'go', math.max(0, mine - now), guesses} end

-- When the count-th last turn is a span old.
local function after(count, span)
  local found = redis.call('ZRANGE', turns, -count, -count, 'WITHSCORES')
  return found[2] and found[2] + span or 0
end

redis.call('ZREMRANGEBYSCORE', turns, '-inf', now - HOUR)
local limits = ask.limits
-- A burst runs ahead of the even pace.
local burst = num(known[2]) - (limits.burst - 1) * limits.apart
local turn = math.max(now, burst, after(limits.minute, MINUTE), after(limits.hour, HOUR))
if turn - now > ask.patience then return {'far', turn - now, guesses} end

redis.call('ZADD', turns, turn, ask.token)
redis.call('HSET', pace, 'even', math.max(num(known[2]), turn) + limits.apart)
local kept = HOUR + turn - now
redis.call('PEXPIRE', turns, kept)
-- A wait that GitHub asked for may outlast the turns.
if redis.call('PTTL', pace) < kept then redis.call('PEXPIRE', pace, kept) end
redis.call('ZREMRANGEBYSCORE', KEY.paces, '-inf', now)
redis.call('ZADD', KEY.paces, now + kept, ask.scope)
return {'go', turn - now, guesses}
