-- Lets a channel follow a repository, with the filters of `subscription`; without one it stops, and
-- without a repository it stops following any. Both ways to look are kept the same. Answers 'new',
-- 'changed', 'full', or how many it stopped following.
local follows = KEY.follows .. ask.channel
if ask.subscription == '' then
  local repos = ask.repo ~= '' and {ask.repo} or redis.call('HKEYS', follows)
  local stopped = 0
  for _, repo in ipairs(repos) do
    redis.call('HDEL', KEY.followers .. repo, ask.channel)
    stopped = stopped + redis.call('HDEL', follows, repo)
  end
  return tostring(stopped)
end

local followers = KEY.followers .. ask.repo
local stored = now .. '\n' .. ask.subscription
local known = redis.call('HEXISTS', follows, ask.repo) == 1
if not known and (redis.call('HLEN', follows) >= ask.most_of_channel
    or redis.call('HLEN', followers) >= ask.most_of_repository) then
  return 'full'
end
redis.call('HSET', follows, ask.repo, stored)
redis.call('HSET', followers, ask.channel, stored)
return known and 'changed' or 'new'
