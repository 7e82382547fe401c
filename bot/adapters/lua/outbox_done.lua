-- A row was sent as of a generation. A newer one is due at once. A sender that was late, after
-- another had taken over, may have put an older state over a newer one: then it is sent again.
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
redis.call('HSET', key, 'token', '', 'sent', ask.gen, 'sent_by', ask.token, 'attempts', 0)
count('rows_sent')
if num(row.gen) > num(ask.gen) then
  redis.call('ZADD', index, now, ask.row)
else
  redis.call('ZREM', index, ask.row)
end
