-- When a request to a platform may go. A write gets a turn, which a repeated call finds again. What
-- the platform counts is when it came: a turn that was missed is used late where that is not too
-- much at once, and else given anew.
local MINUTE, HOUR = 60000, 3600000
local pace, turns = KEY.pace .. ask.scope, KEY.turns .. ask.scope
local known = redis.call('HMGET', pace, 'closed', 'even', 'guesses', 'went', 'last')
local closed, guesses = num(known[1]) - now, num(known[3])
local even, went = num(known[2]), num(known[4])

if closed > 0 then return {'closed', closed, guesses} end
if not ask.write then return {'go', 0, guesses} end

local mine = redis.call('ZSCORE', turns, ask.token)
if mine and num(mine) > now then return {'go', mine - now, guesses} end
-- Who asks twice in a row goes once.
if mine and known[5] == ask.token then return {'go', 0, guesses} end

local limits = ask.limits
-- A burst runs ahead of the even pace.
local ahead = (limits.burst - 1) * limits.apart

-- When the count-th last turn is a span old.
local function after(count, span)
  local found = redis.call('ZRANGE', turns, -count, -count, 'WITHSCORES')
  return found[2] and found[2] + span or 0
end

local function has_room(count, span)
  return redis.call('ZCOUNT', turns, '(' .. now - span, now) < count
end

local function take(turn, fields)
  redis.call('ZADD', turns, turn, ask.token)
  if turn <= now then fields.went, fields.last = math.max(went, now) + limits.apart, ask.token end
  for name, value in pairs(fields) do redis.call('HSET', pace, name, value) end
  local kept = HOUR + turn - now
  redis.call('PEXPIRE', turns, kept)
  -- A wait that GitHub asked for may outlast the turns.
  if redis.call('PTTL', pace) < kept then redis.call('PEXPIRE', pace, kept) end
  redis.call('ZREMRANGEBYSCORE', KEY.paces, '-inf', now)
  redis.call('ZADD', KEY.paces, now + kept, ask.scope)
  return {'go', turn - now, guesses}
end

redis.call('ZREMRANGEBYSCORE', turns, '-inf', now - HOUR)
if mine then
  redis.call('ZREM', turns, ask.token)
  local in_time = went - ahead <= now
  if in_time and has_room(limits.minute, MINUTE) and has_room(limits.hour, HOUR) then
    return take(now, {})
  end
end

local turn = math.max(now, math.max(even, went) - ahead, after(limits.minute, MINUTE),
  after(limits.hour, HOUR))
if turn - now > ask.patience then return {'far', turn - now, guesses} end
return take(turn, {even = math.max(even, turn) + limits.apart})
