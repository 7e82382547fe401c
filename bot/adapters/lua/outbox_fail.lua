-- A row could not be sent: later again, or dropped for good until its state changes.
local key = KEY.row .. ask.row
local row = hash_of(key)
local index = row.order and KEY.orders or KEY.rows
if not row.v or row.token ~= ask.token then return end
redis.call('HSET', key, 'token', '', 'attempts', num(row.attempts) + 1, 'reason', ask.reason)
count(ask.dropped and 'rows_dropped' or 'rows_failed')
if not ask.dropped then
  redis.call('ZADD', index, now + ask.delay, ask.row)
elseif num(row.gen) > num(ask.gen) then
  redis.call('ZADD', index, now, ask.row)
else
  redis.call('ZREM', index, ask.row)
end
