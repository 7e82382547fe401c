-- Notes that a worker lives, and what it does.
redis.call('SET', KEY.worker .. ask.worker, ask.report, 'PX', policy.beat_lifetime)
redis.call('ZADD', KEY.workers, now, ask.worker)
return 1
