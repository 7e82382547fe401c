-- A row could not be sent: later again, or dropped for good until its state changes. Where nothing
-- was tried, that is no attempt.
local key = KEY.row .. ask.row
local row = hash_of(key)
local index = row.order and KEY.orders or KEY.rows
if not row.v or row.token ~= ask.token then return end
redis.call('HSET', key, 'token', '', 'attempts', num(row.attempts) + ask.counts,
  'reason', ask.reason)
if ask.dropped or ask.counts > 0 then count(ask.dropped and 'rows_dropped' or 'rows_failed') end
if not ask.dropped then
  redis.call('ZADD', index, now + ask.delay, ask.row)
elseif num(row.gen) > num(ask.gen) then
  redis.call('ZADD', index, now, ask.row)
else
  redis.call('ZREM', index, ask.row)
end
