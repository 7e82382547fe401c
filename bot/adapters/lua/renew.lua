-- Renews the lease of the holder of the epoch; tells whether a newer head is wanted.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then return {'lost', ''} end
put(job, {lease_until = now + policy.lease})
-- Before a write it is noted when: whoever comes after a crash knows what may have been written.
if ask.fence then put(job, {fenced_at = now, fenced_for = target_of_run(job)}) end
save(job)
redis.call('ZADD', KEY.leases, now + policy.lease, job.id)
if job.head ~= job.run_head then return {'moved', job.head} end
return {'held', ''}
