-- Admits a request, in one step: duplicate, join, or a new wish for the pull request's job.
-- Repeating a call (same token) returns its first answer; a repeated delivery is a duplicate.
-- Answers in lines: status, jobs before it, milliseconds until it is due, the limit that makes
-- it wait, address of the review that there is, milliseconds until a person has the outcome.
local event = KEY.event .. ask.event
local seen = redis.call('GET', event)
if seen then
  local token, answer = seen:match('^([^\n]*)\n(.*)$')
  if token == ask.token then return answer end
  if redis.call('SET', KEY.claim .. ask.token, '', 'NX', 'PX', policy.lease) then
    count('duplicates')
  end
  return 'delivery\n0\n0\n\n\n0'
end

local job = job_of(ask.job)
if job.newer then return 'newer\n0\n0\n\n\n0' end
local known = job.v ~= nil
local waiting, running = job.stage == 'waiting', job.stage == 'running'
local done = KEY.done .. ask.job .. ':' .. ask.head
local last = known and tonumber(redis.call('HGET', done, 'last') or -1) or -1

local function reply(status, url)
  local wait, by, ahead, ready = 0, '', 0, 0
  if status ~= 'reviewed' then
    wait = math.max(0, num(job.due_at) - now)
    by = num(job.limited_until) > now and job.limit or ''
    ahead = redis.call('ZRANK', KEY.due, job.id) or redis.call('ZCARD', KEY.due)
    ready = ask.person and ready_in(job) or 0
  end
  local text = table.concat({status, ahead, wait, by, url, ready}, '\n')
  redis.call('SET', event, ask.token .. '\n' .. text, 'EX', policy.keep_events)
  return text
end

local function is_reviewed()
  return last >= 0 and ask.settled[redis.call('HGET', done, last .. ':kind')]
end

-- A push that went back to it, after later heads: what stands on the pull request is about these.
local function is_back()
  return ask.settle and not ask.person and job.stage == 'idle' and job.head ~= ask.head
end

local function highest_ordinal()
  local highest = math.max(last, 0)
  if (waiting or running) and job.head == ask.head then
    highest = math.max(highest, num(job.ordinal))
  end
  if running and job.run_head == ask.head then
    highest = math.max(highest, num(job.run_ordinal))
  end
  return highest
end

-- An event of the running head that arrives late joins what is wanted by now: the worker
-- looks at the live head anyway. A person saw the live head just now and is believed.
local function joins()
  if not (waiting or running) then return false end
  if ask.full then
    return waiting and job.head == ask.head and num(job.ordinal) > math.max(last, 0)
  end
  return job.head == ask.head or (running and job.run_head == ask.head and not ask.person)
end

local function add_origin(bag, state)
  local stored = ask.origin.kind .. '\n' .. ask.origin.json
  redis.call('HSET', bag .. job.id, ask.origin.id, stored)
  set_answer_row(job, ask.origin.id, stored, state, '')
end

-- One person gets no more than half of what a repository or an organisation has, so that one
-- who runs away delays nobody else.
local function buckets_of(repo_id, owner, who)
  local buckets = {}
  if who ~= '' then
    add_bucket(buckets, 'person:' .. repo_id .. '#' .. who, policy.per_repository / 2)
    if policy.per_person == 0 or policy.per_organisation < 2 * policy.per_person then
      add_bucket(buckets, 'person:' .. owner .. '/' .. who, policy.per_organisation / 2)
    end
    add_bucket(buckets, 'person:' .. who, policy.per_person)
  end
  add_for_all(buckets, repo_id, owner)
  return buckets
end

-- What makes one more run takes its turn within the limits. What joins a run that waits already
-- makes none; but a person may ask for what another's limit holds back.
local function mind_limits()
  local held = num(job.limited_until) > now
  local waits = waiting or running and not run_is_wanted(job)
  if waits and not (ask.person and held) then return end
  local start, by, used = take(buckets_of(ask.repo_id, ask.owner, ask.who))
  if held and start >= num(job.limited_until) then return end
  put(job, {rank = used > now and used or ''})
  if start > now then
    limit(job, start, by)
  else
    put(job, {limit = '', limited_until = ''})
  end
end

local function not_before()
  return math.max(now, num(job.not_before), num(job.limited_until))
end

local function join()
  put(job, {asked_at = now})
  if ask.focus ~= '' then put(job, {focus = ask.focus}) end
  if running and job.run_head == ask.head and job.head == ask.head and not ask.full then
    add_origin(KEY.run, 'running')
  else
    add_origin(KEY.asked, 'waiting')
  end
  if waiting and ask.person then
    mind_limits()
    schedule(job, not_before())
  end
  touch(job)
  count('joined')
  return reply('running', '')
end

-- The first event starts at once; later pushes wait for quiet, with an end to their patience.
local function due_at()
  local due = num(job.due_at)
  if not (ask.settle and known) or ask.person then
    due = now
  elseif not (due > 0 and due <= now) then
    local first = num(job.first_wait)
    if first == 0 then first = now end
    put(job, {first_wait = first})
    due = math.min(now + policy.quiet, first + policy.patience)
  end
  return math.max(due, num(job.not_before), num(job.limited_until))
end

local function past_heads()
  if not known or job.head == ask.head then return job.past end
  return (job.head .. ' ' .. job.past):sub(1, policy.past_chars)
end

local function wish()
  local ordinal = highest_ordinal() + (ask.full and 1 or 0)
  mind_limits()
  local due = due_at()
  if waiting and job.inst ~= ask.inst then
    unschedule(job)
    put(job, {stage = ''})
  end
  local is_new = job.head ~= ask.head or num(job.ordinal) ~= ordinal
  if is_new and (waiting or running and not run_is_wanted(job)) then pass_over_wish(job) end
  put(job, {
    v = SCHEMA, ref = ask.ref, repo_id = ask.repo_id, inst = ask.inst, cid = ask.cid,
    owner = ask.owner, head = ask.head, ordinal = ordinal, focus = ask.focus,
    past = past_heads(), gen = num(job.gen) + 1, wished_at = now, asked_at = now, ended = '',
  })
  add_origin(KEY.asked, 'waiting')
  if running then
    put(job, {due_at = due})
  else
    put(job, {attempts = 0, crashes = 0, reason = ''})
    if job.stage == 'dead' then redis.call('ZREM', KEY.dead, job.id) end
    schedule(job, due)
  end
  touch(job)
  count('admitted')
  return reply('accepted', '')
end

if joins() then return join() end
if not ask.full and is_reviewed() and not is_back() then
  count('duplicates')
  return reply('reviewed', redis.call('HGET', done, last .. ':url'))
end
return wish()
