-- A row was sent as of a generation, and a newer one is due; or a part of it was, and the rest is
-- due in `rest` milliseconds. A sender that was late, after another had taken over, may have put an
-- older state over a newer one: then it is sent again.
local key = KEY.row .. ask.row
local row = hash_of(key)
local index = row.order and KEY.orders or KEY.rows
if not row.v then return end

local mine = row.token == ask.token
if ask.receipt ~= '' and (mine or (row.receipt or '') == '') then
  redis.call('HSET', key, 'receipt', ask.receipt)
end
if not mine then
  if row.sent_by ~= ask.token and num(row.sent) > num(ask.gen) then
    redis.call('ZADD', index, 'NX', now, ask.row)
  end
  return
end
if ask.rest >= 0 then
  redis.call('HSET', key, 'token', '', 'attempts', 0)
  redis.call('ZADD', index, now + ask.rest, ask.row)
  return
end
row.next_at = is_card(ask.row:match('^[^|]*|([^|]*)|')) and now + policy.card_apart or 0
redis.call('HSET', key, 'token', '', 'sent', ask.gen, 'sent_by', ask.token, 'attempts', 0,
  'next_at', row.next_at)
count('rows_sent')
if num(row.gen) > num(ask.gen) then
  redis.call('ZADD', index, due_time(row), ask.row)
else
  redis.call('ZREM', index, ask.row)
end
