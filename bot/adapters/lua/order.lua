-- Keeps what a person said of a pull request as a row of its own, until it is answered. The pull
-- request need not have a job. Answers 'taken', 'known' or 'full'.
local id = ask.job .. '|order|' .. ask.id
local key = KEY.row .. id
if redis.call('EXISTS', key) == 1 then return 'known' end
if redis.call('ZCARD', KEY.orders) >= ask.most then
  count('orders_refused')
  return 'full'
end
redis.call('HSET', key, 'v', SCHEMA, 'gen', 1, 'attempts', 0, 'sent', 0, 'created', now,
  'state', 'said', 'order', ask.order)
redis.call('EXPIRE', key, policy.keep_events)
redis.call('ZADD', KEY.orders, now, id)
count('orders')
return 'taken'
