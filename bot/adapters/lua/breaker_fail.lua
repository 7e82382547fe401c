-- Counts a failure; enough of them in a row, or one that asks for it, open the breaker.
local FORGET = 900000  -- ms without a failure after which those before are no row any more
local SPREAD = 0.2     -- share of a pause by which processes' and servers' pauses may differ
local id = ask.kind .. ':' .. ask.side
local key = KEY.breaker .. id
local breaker = hash_of(key)
if breaker.failures and breaker.under ~= ask.under then
  redis.call('DEL', key)
  breaker = {}
end
local open = num(breaker.open)
if breaker.counted == ask.token then return math.max(0, open - now) end

local failures, opens = num(breaker.failures) + 1, num(breaker.opens)
if open > now then
  -- A call from before it opened: it lengthens the pause only where a wait was asked for.
  if ask.hold > 0 then open = math.max(open, now + ask.hold) end
elseif open > 0 or failures >= ask.failures or ask.hold > 0 then
  local pause = math.max(math.min(ask.pause * 2 ^ opens, ask.longest), ask.hold)
  open = now + math.floor(pause * (1 + SPREAD * ask.jitter))
  opens = opens + 1
end
put_hash(key, breaker, {
  kind = ask.kind, name = ask.side, under = ask.under, counted = ask.token, why = ask.why,
  failures = failures, opens = opens, open = open, probing = 0,
})
local kept = math.max(0, open - now) + FORGET
redis.call('PEXPIRE', key, kept)
redis.call('ZREMRANGEBYSCORE', KEY.breakers, '-inf', now)
redis.call('ZADD', KEY.breakers, now + kept, id)
return math.max(0, open - now)
