-- Ends the job of a pull request that was closed, and lets its state pass; a runner loses its
-- lease. Deliveries come late and out of order: what was asked for after the closing stays, and
-- the worker looks for itself. Answers 'cancelled' when there was something to end.
local event = KEY.event .. ask.event
if redis.call('EXISTS', event) == 1 then return 'cancelled' end

local job = job_of(ask.job)
if job.stage == nil or job.newer then return 'unknown' end
if ask.closed_at <= num(job.asked_at) then return 'asked since' end

-- Its review is on the way to GitHub or there already: the run's own end tells the truth.
local function is_posting()
  return job.stage == 'running' and job.review_for == target_of_run(job)
end

put(job, {ended = ask.ended})
redis.call('ZREM', KEY.listening, job.id)
if is_posting() then
  save(job)
  return 'posting'
end
local ends = job.stage == 'waiting' or job.stage == 'running'
if ends then
  cancel(job, ask.reason)
  redis.call('SET', event, '', 'EX', policy.keep_events)
elseif job.stage == 'dead' then
  redis.call('ZREM', KEY.dead, job.id)
  put(job, {stage = 'idle', attempts = 0, crashes = 0})
end
pass_in_time(job)
show_ended(job)
if redis.call('EXISTS', KEY.memory .. job.id) == 1 then listen(job, job.ended) end
return ends and 'cancelled' or 'at rest'
