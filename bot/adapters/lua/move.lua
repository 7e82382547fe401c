-- Acts on a live head that is not the one under review. Answers:
-- 'again'    something newer is wanted already, and the job is due for it;
-- 'doubtful' the live head is one that was left behind moments ago: look again;
-- 'settled'  the live head has its outcome, which answers everyone;
-- 'adopted'  the run goes on with the live head under the same lease.
local job = job_of(ask.job)
if not holds(job, ask.epoch) then
  local mine = job.done_epoch == ask.epoch
  return {mine and (job.done_as == 'again' or job.done_as == 'settled') and job.done_as or 'lost'}
end

local function given(how)
  return {how, row_of(job), redis.call('HVALS', KEY.run .. job.id)}
end

local done = KEY.done .. job.id .. ':' .. ask.live
local last = tonumber(redis.call('HGET', done, 'last') or -1)
local settled = last >= 0 and ask.settled[redis.call('HGET', done, last .. ':kind')]

-- GitHub's replicas may lag behind the event that named the newer head.
local function is_doubtful()
  local left_behind = settled or (' ' .. job.past .. ' '):find(' ' .. ask.live .. ' ', 1, true)
  return left_behind and now - num(job.wished_at) < policy.doubt
end

local function settle()
  record_plain(job, 'superseded', SUPERSEDED)
  let_go(job, 'settled')
  rest(job, 'idle')
  put(job, {head = ask.live, ordinal = last, attempts = 0, crashes = 0})
  local at = ask.live .. ':' .. last
  answer(job, KEY.run, at)
  answer(job, KEY.asked, at)
end

local function adopt()
  record_plain(job, 'superseded', SUPERSEDED)
  put(job, {
    past = (job.run_head .. ' ' .. job.past):sub(1, policy.past_chars),
    head = ask.live, ordinal = math.max(last, 0), gen = num(job.gen) + 1, wished_at = now,
    run_head = ask.live, run_ordinal = math.max(last, 0), run_gen = num(job.gen) + 1,
    attempts = 1, crashes = 0,
  })
  local at, origins = target_of_run(job), origins_in(KEY.run, job)
  set_row(job, 'check', at, 'running', {at = at, cid = job.run_cid, person = person_waits(origins)})
  set_answer_rows(job, origins, 'running', at)
end

if job.run_head == ask.live and job.head == ask.live then return given('adopted') end
if job.head ~= job.run_head then
  supersede(job)
  touch(job)
  return {job.done_as}
end
if is_doubtful() then return {'doubtful'} end
if settled then settle() else adopt() end
touch(job)
return settled and {'settled'} or given('adopted')
