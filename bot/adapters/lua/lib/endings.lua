-- How a run ends: with an outcome on record, superseded, crashed, or dead.
local SUPERSEDED = 'A newer head arrived.'

local function store_outcome(job, head, ordinal, kind, json, url)
  local key = KEY.done .. job.id .. ':' .. head
  local last = num(redis.call('HGET', key, 'last'))
  -- A head that is looked at again keeps the review that it had.
  if url == '' then url = redis.call('HGET', key, ordinal .. ':url') or '' end
  redis.call('HSET', key, ordinal, json, ordinal .. ':kind', kind, ordinal .. ':url', url,
    'last', math.max(last, num(ordinal)), 'v', SCHEMA)
  redis.call('EXPIRE', key, policy.keep_outcomes)
  count('outcome:' .. kind)
end

-- The outcome of `head` at `ordinal`, and its check.
local function conclude(job, head, ordinal, cid, kind, json, url)
  store_outcome(job, head, ordinal, kind, json, url)
  local at = head .. ':' .. ordinal
  set_row(job, 'check', at, 'done:' .. job.epoch,
    {at = at, cid = cid, person = person_waits(origins_in(KEY.run, job))})
end

local function record(job, kind, json, url)
  conclude(job, job.run_head, job.run_ordinal, job.run_cid, kind, json, url)
end

local function plain(kind, head, reason)
  return cjson.encode({kind = kind, head = head, reason = reason})
end

local function record_plain(job, kind, reason)
  record(job, kind, plain(kind, job.run_head, reason), '')
end

-- A wish that another replaces has its outcome too. Only one that ran has a check to complete.
local function pass_over_wish(job)
  local json = plain('superseded', job.head, SUPERSEDED)
  if redis.call('EXISTS', KEY.row .. job.id .. '|check|' .. job.head .. ':' .. job.ordinal) == 1 then
    conclude(job, job.head, job.ordinal, job.cid, 'superseded', json, '')
  else
    store_outcome(job, job.head, job.ordinal, 'superseded', json, '')
  end
end

-- Gives the lease back and remembers how, for a caller that repeats itself.
local function let_go(job, how)
  redis.call('ZREM', KEY.leases, job.id)
  put(job, {done_epoch = job.epoch, done_as = how, lease_until = ''})
end

-- Nothing is wanted of a job any more, or nothing yet.
local function rest(job, stage)
  put(job, {stage = stage, due_at = '', first_wait = '', limit = '', limited_until = ''})
end

-- A closed pull request is remembered for less long; whatever happens to it lengthens that again.
local function pass_in_time(job)
  put(job, {updated = now})
  redis.call('ZADD', KEY.jobs, now, job.id)
  keep(job, policy.keep_closed)
  redis.call('EXPIRE', KEY.row .. job.id .. '|summary|', policy.keep_closed)
end

-- Schedules what is wanted now, after the run of something older ended.
local function start_over(job)
  put(job, {attempts = 0, crashes = 0, reason = ''})
  schedule(job, math.max(now, num(job.due_at), num(job.not_before)))
end

-- The origins of the run stay with the job and are answered with the newer head.
local function supersede(job)
  record_plain(job, 'superseded', SUPERSEDED)
  let_go(job, 'again')
  start_over(job)
  set_answer_rows(job, origins_in(KEY.run, job), 'waiting', '')
end

local function die(job, reason)
  record_plain(job, 'failed', reason)
  let_go(job, 'dead')
  rest(job, 'dead')
  put(job, {reason = reason})
  redis.call('ZADD', KEY.dead, now, job.id)
  count('dead')
  answer(job, KEY.run, target_of_run(job))
  answer(job, KEY.asked, target_of_run(job))
end

-- Ends a job from outside, whatever its stage; a runner loses its lease.
local function cancel(job, reason)
  unschedule(job)
  redis.call('ZREM', KEY.dead, job.id)
  if job.stage == 'running' and not run_is_wanted(job) then
    record_plain(job, 'superseded', SUPERSEDED)
  end
  put(job, {run_head = job.head, run_ordinal = job.ordinal, run_cid = job.cid,
    epoch = next_epoch(job)})
  record_plain(job, 'cancelled', reason)
  let_go(job, 'idle')
  rest(job, 'idle')
  put(job, {attempts = 0, crashes = 0, reason = ''})
  answer(job, KEY.run, target_of_run(job))
  answer(job, KEY.asked, target_of_run(job))
end

local function crashed(job)
  count('crashes')
  put(job, {crashes = num(job.crashes) + 1, reason = 'The worker stopped without a word.'})
  if not run_is_wanted(job) then
    supersede(job)
  elseif num(job.crashes) >= policy.max_crashes then
    die(job, 'The worker crashed three times on this head, so Argus gave up on it.')
  else
    let_go(job, 'crashed')
    schedule(job, now)
  end
  touch(job)
end

-- Takes back what silent workers held; returns how many jobs.
local function expire_leases()
  local ids = redis.call('ZRANGEBYSCORE', KEY.leases, '-inf', now, 'LIMIT', 0, 50)
  for _, id in ipairs(ids) do
    local job = job_of(id)
    if job.newer then
      set_aside(job)
    elseif job.stage == 'running' then
      crashed(job)
    else
      redis.call('ZREM', KEY.leases, id)
    end
  end
  return #ids
end
