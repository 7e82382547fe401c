-- An operator's end of a job that waits, runs or is dead; a runner loses its lease.
local job = job_of(ask.job)
if job.stage == nil or job.stage == 'idle' then return job.stage or 'unknown' end
cancel(job, policy.words.discarded)
return 'discarded'
