-- Outbox rows: a desired state, kept with a generation that grows when the state changes.

-- `state` is 'waiting', 'running' or 'done:<epoch>'; `fields` are what rendering needs.
local function set_row(job, kind, target, state, fields)
  local id = job.id .. '|' .. kind .. '|' .. target
  local key = KEY.row .. id
  local row = hash_of(key)
  if row.state == state then return end
  fields.state = state
  fields.gen = num(row.gen) + 1
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
  redis.call('ZADD', KEY.rows, 'NX', now, id)
end

-- Origins are kept as `<row kind, or api, or nothing for events>\n<JSON>`, by their ids.
local function kind_of(stored)
  return stored:match('^([^\n]*)\n')
end

local function set_answer_row(job, origin_id, stored, state, at)
  local kind = kind_of(stored)
  if kind ~= 'slack' and kind ~= 'answer' then return end
  local json = stored:sub(#kind + 2)
  set_row(job, kind, origin_id, state, {at = at, origin = json, cid = job.cid, person = 1})
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
  redis.call('DEL', bag .. job.id)
end

local function person_waits(origins)
  for _, stored in pairs(origins) do
    if kind_of(stored) ~= '' then return 1 end
  end
  return 0
end

-- Renders again what stands on the pull request, after people said something about it: the check
-- and the summary of the head that the summary is about, else of the last one with an outcome.
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
end
