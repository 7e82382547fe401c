-- Gives a job back without an outcome: another attempt later, or dead after the last one.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then
  return job.done_epoch == ask.epoch and job.done_as or 'lost'
end
if ask.counted then count('attempts_failed') end
if not run_is_wanted(job) then
  supersede(job)
elseif ask.counted and num(job.attempts) >= policy.max_attempts then
  die(job, ask.reason)
else
  let_go(job, 'again')
  if not ask.counted then put(job, {attempts = num(job.attempts) - 1}) end
  if ask.reason ~= '' then
    put(job, {reason = ask.reason})
    set_answer_rows(job, origins_in(KEY.run, job), 'waiting', '')
  end
  -- A wait that the platform asked for binds everyone; our own backoff yields to a person.
  if ask.binding then put(job, {not_before = now + ask.delay}) end
  schedule(job, now + ask.delay)
end
touch(job)
return job.done_as
