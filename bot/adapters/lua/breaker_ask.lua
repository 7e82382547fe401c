-- Whether the other side may be called. After a pause one call finds out, the others wait for it.
local key = KEY.breaker .. ask.kind .. ':' .. ask.side
local breaker = hash_of(key)
local open = num(breaker.open)

-- What failed with other credentials says nothing, but a success is worth telling.
if breaker.failures and breaker.under ~= ask.under then return {'closed', 0, '', 1} end
if open == 0 then return {'closed', 0, '', num(breaker.failures)} end
if open > now then return {'open', open - now, breaker.why, 1} end

local probing = num(breaker.probing) - now
if probing > 0 and breaker.probe ~= ask.token then
  return {'open', math.min(probing, ask.again), breaker.why, 1}
end
put_hash(key, breaker, {probe = ask.token, probing = now + ask.probe})
return {'half-open', 0, '', 1}
