-- Pauses the automatic reviews of a pull request, or, without a `who`, lets them run again; it need
-- not have a job yet. Doing it again changes nothing. Answers who paused it first; nobody as ''.
local key = KEY.paused .. ask.job
local before = redis.call('GET', key) or ''
if (before == '') == (ask.who == '') then return before end

local paused = before
if ask.who == '' then
  redis.call('DEL', key)
else
  paused = cjson.encode({who = ask.who, at = now / 1000})
  redis.call('SET', key, paused, 'EX', policy.keep)
end
local job = job_of(ask.job)
if job.v and not job.newer then
  show_again(job)
  touch(job)
end
return paused
