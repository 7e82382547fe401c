-- Sets a setting of the operator's, or removes it where `ask.says` is empty. What changed is kept,
-- newest first and bounded; saying the same again changes nothing, so a repeated call is safe.
local settings = KEY.settings .. ask.scope
local before = redis.call('HGET', settings, ask.key) or ''
if before == ask.says then return {0, before} end
if ask.says == '' then
  redis.call('HDEL', settings, ask.key)
else
  redis.call('HSET', settings, ask.key, ask.says)
end
redis.call('LPUSH', KEY.settings_log, table.concat({now, ask.change, before, ask.says}, '\n'))
redis.call('LTRIM', KEY.settings_log, 0, ask.kept - 1)
return {1, before}
