-- Spares a channel something, until `ends` milliseconds from now or, with 0, until told otherwise;
-- with `off` no longer. What has passed is dropped. Answers 'muted', 'off', 'unknown' or 'full'.
local key = KEY.mutes .. ask.channel
for field, stored in pairs(hash_of(key)) do
  local ends = num(stored:match('^(%d+)\n'))
  if ends > 0 and ends <= now then redis.call('HDEL', key, field) end
end
if ask.off then
  return redis.call('HDEL', key, ask.field) == 1 and 'off' or 'unknown'
end
if redis.call('HLEN', key) >= ask.most and redis.call('HEXISTS', key, ask.field) == 0 then
  return 'full'
end
local ends = ask.ends > 0 and now + ask.ends or 0
redis.call('HSET', key, ask.field, ends .. '\n' .. ask.mute)
return 'muted'
