-- Outbox rows: a desired state, kept with a generation that grows when the state changes.

local MOST_TOLD = 10

-- Slack takes so many edits of a message and no more: a newer state waits for its turn.
-- https://docs.slack.dev/apis/web-api/rate-limits
local function due_time(row)
  return math.max(now, num(row.next_at))
end

local function is_card(kind)
  return kind == 'slack' or kind == 'channel'
end

-- `state` is 'waiting', 'running' or 'done:<epoch>'; `fields` are what rendering needs.
local function set_row(job, kind, target, state, fields)
  local id = job.id .. '|' .. kind .. '|' .. target
  local key = KEY.row .. id
  local row = hash_of(key)
  if row.state == state then return end
  fields.state = state
  fields.gen = num(row.gen) + 1
  if row.step then fields.step = '' end
  if not row.v then
    fields.v, fields.attempts, fields.sent, fields.created = SCHEMA, 0, 0, now
  end
  local lapsed = now - num(row.kept_at) > DAY
  if lapsed then fields.kept_at = now end
  put_hash(key, row, fields)
  -- The summary stands as long as its pull request; the others are about one head or one asker.
  if lapsed then
    redis.call('EXPIRE', key, kind == 'summary' and policy.keep or policy.keep_outcomes)
  end
  -- A row that is being sent, or waits out a failure, keeps its time.
  redis.call('ZADD', KEY.rows, 'NX', due_time(row), id)
end

-- How far a run got is shown like a new state, and is none: it passes with the run.
local function set_step(job, kind, target, step)
  local id = job.id .. '|' .. kind .. '|' .. target
  local key = KEY.row .. id
  local row = hash_of(key)
  if row.state ~= 'running' or row.step == step then return end
  redis.call('HSET', key, 'step', step, 'gen', num(row.gen) + 1)
  redis.call('ZADD', KEY.rows, 'NX', due_time(row), id)
end

-- Origins are kept as `<row kind, or api, or nothing for events>\n<JSON>`, by their ids. Those of
-- channels that follow a repository are answered, but nobody waits there.
local function kind_of(stored)
  return stored:match('^([^\n]*)\n')
end

local function set_answer_row(job, origin_id, stored, state, at)
  local kind = kind_of(stored)
  if kind ~= 'slack' and kind ~= 'answer' and kind ~= 'channel' then return end
  local json, person = stored:sub(#kind + 2), kind == 'channel' and 0 or 1
  set_row(job, kind, origin_id, state, {at = at, origin = json, cid = job.cid, person = person})
end

-- Messages of Slack requests follow what is found later, the latest of them.
local function note_told(job, origin_id, stored)
  if kind_of(stored) ~= 'slack' then return end
  local told = KEY.told .. job.id
  redis.call('ZADD', told, now, origin_id)
  redis.call('ZREMRANGEBYRANK', told, 0, -MOST_TOLD - 1)
  redis.call('EXPIRE', told, policy.keep_outcomes)
end

-- What stands in Slack of earlier requests shows another outcome; what is under way is not touched.
local function show_in_slack(job, state, at)
  local function show(kind, target)
    local row = redis.call('HMGET', KEY.row .. job.id .. '|' .. kind .. '|' .. target, 'state', 'v')
    if row[2] and row[1]:sub(1, 5) == 'done:' then set_row(job, kind, target, state, {at = at}) end
  end
  for _, id in ipairs(redis.call('ZRANGE', KEY.told .. job.id, 0, -1)) do show('slack', id) end
  for _, id in ipairs(redis.call('HKEYS', KEY.cards .. job.id)) do show('channel', id) end
end

-- The rows of all origins; `at` is the outcome they show.
local function set_answer_rows(job, origins, state, at)
  for id, stored in pairs(origins) do set_answer_row(job, id, stored, state, at) end
end

-- The origins that wait for the next run (`KEY.asked`), or that this one answers (`KEY.run`).
local function origins_in(bag, job)
  return hash_of(bag .. job.id)
end

local function answer(job, bag, at)
  local origins = origins_in(bag, job)
  if not next(origins) then return end
  set_answer_rows(job, origins, 'done:' .. job.epoch, at)
  for id, stored in pairs(origins) do note_told(job, id, stored) end
  redis.call('DEL', bag .. job.id)
end

local function person_waits(origins)
  for _, stored in pairs(origins) do
    local kind = kind_of(stored)
    if kind ~= '' and kind ~= 'channel' then return 1 end
  end
  return 0
end

-- Shows in the channels that follow it that a pull request was merged or closed.
local function show_ended(job)
  for id, stored in pairs(hash_of(KEY.cards .. job.id)) do
    local at = redis.call('HGET', KEY.row .. job.id .. '|channel|' .. id, 'at') or ''
    set_answer_row(job, id, stored, 'done:' .. num(job.epoch) .. ':' .. job.ended, at)
  end
end

-- What people made of the findings is read after each review, and once the pull request ends.
local function listen(job, when)
  set_row(job, 'feedback', '', 'done:' .. num(job.epoch) .. ':' .. when, {at = '', person = 0})
end

-- While nothing else happens to an open pull request it is read again, later and later.
local function listen_on(job)
  put(job, {looks = 0})
  redis.call('ZADD', KEY.listening, now + policy.listen[1], job.id)
end

-- Renders again what stands on the pull request and in Slack, after people said something about
-- it: the head that the summary is about, else the last one with an outcome.
local function show_again(job)
  local summary = hash_of(KEY.row .. job.id .. '|summary|')
  local last = redis.call('HGET', KEY.done .. job.id .. ':' .. (job.head or ''), 'last')
  local at = summary.at or last and job.head .. ':' .. last or ''
  if at == '' then return end
  local state = 'done:' .. job.epoch .. ':' .. now
  for _, row in ipairs({{'summary', ''}, {'check', at}}) do
    if redis.call('EXISTS', KEY.row .. job.id .. '|' .. row[1] .. '|' .. row[2]) == 1 then
      set_row(job, row[1], row[2], state, {at = at})
    end
  end
  if summary.at then
    set_row(job, 'findings', '', state, {at = at, cid = summary.cid, person = 0})
  end
  show_in_slack(job, state, at)
end
