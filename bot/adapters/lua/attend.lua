-- Notes that a failed delivery was seen to.
redis.call('ZADD', KEY.attended, now, ask.guid)
redis.call('ZREMRANGEBYSCORE', KEY.attended, '-inf', now - policy.keep_events * 1000)
return 1
