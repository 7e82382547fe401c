-- Keeps everything back for as long as GitHub asked, or for a guess that doubles each time.
local KEPT = 3600000
local key = KEY.pace .. ask.scope
local pace = hash_of(key)
local closed = num(pace.closed)
if pace.heard == ask.token then return closed - now end

local fields = {heard = ask.token, why = ask.why}
if ask.told then
  fields.closed = math.max(closed, now + ask.wait)
elseif closed <= now then
  -- Requests that were under way together meet one limit: they are one guess.
  fields.closed = now + math.min(ask.wait * 2 ^ num(pace.guesses), ask.longest)
  fields.guesses = num(pace.guesses) + 1
else
  fields.closed = closed
end
-- Who had a turn asks for another, so that not all of them come at once in the end. What went
-- already still counts.
if ask.forget then
  redis.call('ZREMRANGEBYSCORE', KEY.turns .. ask.scope, '(' .. now, '+inf')
  fields.even = fields.closed
end
put_hash(key, pace, fields)
local kept = math.max(fields.closed - now, 0) + KEPT
redis.call('PEXPIRE', key, kept)
redis.call('ZADD', KEY.paces, now + kept, ask.scope)
return fields.closed - now
