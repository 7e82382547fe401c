-- Notes what became of findings, and counts it by rule for their repository and for all together.
-- Saying the same again changes nothing; what is different by now is counted anew in place of what
-- was said.
local key = KEY.received .. ask.job
local counted_in = {KEY.reception .. ask.repo, KEY.reception .. 'all'}
local MOST_RULES = 2000

local function add_in(counts, field, by)
  local known = redis.call('HEXISTS', counts, field) == 1
  if known or redis.call('HLEN', counts) < MOST_RULES then
    redis.call('HINCRBY', counts, field, by)
  end
end

local function add(said, by)
  for _, word in ipairs(said.words) do
    for _, counts in ipairs(counted_in) do add_in(counts, said.rule .. '|' .. word, by) end
    redis.call('HINCRBY', KEY.totals, 'findings:' .. word, by)
  end
end

for _, each in ipairs(ask.found) do
  local before = redis.call('HGET', key, each.finding_id)
  local now_said = cjson.encode({rule = each.rule, words = each.words})
  if before ~= now_said then
    if before then add(cjson.decode(before), -1) end
    add(each, 1)
    redis.call('HSET', key, each.finding_id, now_said)
  end
end
if #ask.found > 0 then redis.call('EXPIRE', key, policy.keep) end
