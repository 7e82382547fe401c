-- An operator's end of a job that waits, runs or is dead; a runner loses its lease.
local job = job_of(ask.job)
if job.stage == nil or job.stage == 'idle' then return job.stage or 'unknown' end
unschedule(job)
redis.call('ZREM', KEY.dead, job.id)
if job.stage == 'running' and not run_is_wanted(job) then
  record_plain(job, 'superseded', policy.words.superseded)
end
put(job, {run_head = job.head, run_ordinal = job.ordinal, run_cid = job.cid,
  epoch = num(job.epoch) + 1})
record_plain(job, 'cancelled', policy.words.discarded)
let_go(job, 'idle')
put(job, {stage = 'idle', due_at = '', first_wait = '', attempts = 0, crashes = 0, reason = ''})
answer(job, KEY.run, target_of_run(job))
answer(job, KEY.asked, target_of_run(job))
touch(job)
return 'discarded'
