-- Notes that a review is about to be posted: its pull request is looked at once its job rests.
redis.call('ZADD', KEY.doubts, now + ask.delay, ask.doubt)
return 1
