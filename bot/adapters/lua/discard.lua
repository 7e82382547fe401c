-- An operator's end of a job that waits, runs or is dead; a runner loses its lease.
local job = job_of(ask.job)
if job.newer then return 'newer' end
if job.discarded_by == ask.token then return 'discarded' end
if job.stage == nil or job.stage == 'idle' then return job.stage or 'unknown' end
cancel(job, 'Discarded by the operator.')
put(job, {discarded_by = ask.token})
touch(job)
return 'discarded'
