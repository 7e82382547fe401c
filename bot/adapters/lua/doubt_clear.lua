-- Forgets a pull request that was looked at, unless another review was posted meanwhile.
if redis.call('ZSCORE', KEY.doubts, ask.doubt) == ask.token then
  redis.call('ZREM', KEY.doubts, ask.doubt)
end
return 1
