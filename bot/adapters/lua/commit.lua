-- Ends a run: its outcome and the rows that announce it, in one step; then the job rests, or
-- is due again for what was wished meanwhile.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then
  return job.done_epoch == ask.epoch and job.done_as or 'lost'
end

local function set_summary_row(at)
  local known = ask.summary == 'update'
    and redis.call('EXISTS', KEY.row .. job.id .. '|summary|') == 1
  if ask.summary == 'put' or known then
    set_row(job, 'summary', '', 'done:' .. job.epoch,
      {at = at, cid = job.run_cid, person = person_waits(origins_in(KEY.run, job))})
  end
end

local function remember()
  if ask.memory ~= '' then
    redis.call('SET', KEY.memory .. job.id, ask.memory, 'EX', policy.keep)
  end
end

local at = target_of_run(job)
local wanted = run_is_wanted(job)

-- What ruled a run out may have changed since it began: a draft was marked as ready, or a person
-- asked. Whoever joined meanwhile is answered by another look.
if ask.kind == 'skipped' and wanted and num(job.asked_at) > num(job.started) then
  let_go(job, 'again')
  start_over(job)
  touch(job)
  return job.done_as
end
record(job, ask.kind, ask.outcome, ask.url)
set_summary_row(at)
if ask.findings then
  set_row(job, 'findings', '', 'done:' .. job.epoch, {at = at, cid = job.run_cid, person = 0})
end
remember()
if ask.listens then
  listen(job, 'reviewed')
  listen_on(job)
end
if ask.counts then note_tempo(job) end
if ask.kind ~= 'superseded' then show_in_slack(job, 'done:' .. job.epoch, at) end
-- The review is on record: should the head be looked at again, that is no attempt to finish it.
put(job, {reason = '', reviewed = num(job.reviewed) + (ask.counts and 1 or 0), review_for = ''})
if not wanted then
  -- Whoever asked for this head has the answer; a superseded run leaves it to the next.
  if ask.kind ~= 'superseded' then answer(job, KEY.run, at) end
  let_go(job, 'again')
  start_over(job)
else
  answer(job, KEY.run, at)
  answer(job, KEY.asked, at)
  let_go(job, 'idle')
  rest(job, 'idle')
  put(job, {attempts = 0, crashes = 0})
end
if ask.kind == 'cancelled' and wanted then pass_in_time(job) else touch(job) end
return job.done_as
