-- An operator's second chance for a dead job, or no more waiting for a waiting one.
local job = job_of(ask.job)
if job.newer then return 'newer' end
if job.stage == 'dead' then
  redis.call('ZREM', KEY.dead, job.id)
  put(job, {attempts = 0, crashes = 0, reason = ''})
elseif job.stage ~= 'waiting' then
  return job.stage or 'unknown'
end
put(job, {not_before = '', limit = '', limited_until = ''})
schedule(job, now)
touch(job)
return 'due'
