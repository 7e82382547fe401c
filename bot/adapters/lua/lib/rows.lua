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
  put_hash(key, row, fields)
  redis.call('EXPIRE', key, policy.keep)
  -- A row that is being sent, or waits out a failure, keeps its time.
  redis.call('ZADD', KEY.rows, 'NX', now, id)
end

-- Origins are kept as `<row kind, or api, or nothing for events>\n<JSON>`.
local function kind_of(stored)
  return stored:match('^([^\n]*)\n')
end

local function set_answer_row(job, origin_id, stored, state, at)
  local kind = kind_of(stored)
  if kind ~= 'slack' and kind ~= 'answer' then return end
  local json = stored:sub(#kind + 2)
  set_row(job, kind, origin_id, state, {at = at, origin = json, cid = job.cid, person = 1})
end

-- The rows of all origins of a bag (`KEY.asked` or `KEY.run`); `at` is the outcome they show.
local function set_answer_rows(job, bag, state, at)
  local flat = redis.call('HGETALL', bag .. job.id)
  for i = 1, #flat, 2 do set_answer_row(job, flat[i], flat[i + 1], state, at) end
end

local function answer(job, bag, at)
  set_answer_rows(job, bag, 'done:' .. job.epoch, at)
  redis.call('DEL', bag .. job.id)
end

local function person_waits(job)
  for _, stored in ipairs(redis.call('HVALS', KEY.run .. job.id)) do
    if kind_of(stored) ~= '' then return 1 end
  end
  return 0
end
