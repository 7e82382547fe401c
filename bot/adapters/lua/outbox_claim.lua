-- Takes rows that are due for one sender, with everything that rendering needs; or what people
-- said, which stands apart, because to carry it out may take long. Repeating a call (same token)
-- returns the rows that the first one took and that are still its own.
local claim = KEY.claim .. ask.token
local index = ask.orders and KEY.orders or KEY.rows
local lease = ask.orders and policy.order_lease or policy.row_lease
local jobs, rows = {}, {}

local function job_for(id)
  local job_id = id:match('^([^|]*)|')
  jobs[job_id] = jobs[job_id] or job_of(job_id)
  return jobs[job_id]
end

local function stage_of(row, job)
  if row.state == 'waiting' or row.state == 'running' then return row.state end
  return job.stage == 'dead' and 'dead' or 'idle'
end

-- An answer that waits follows the job; everything else belongs to `<head>:<ordinal>`.
local function target_of(row, job)
  local at = row.at ~= '' and row.at or job.head .. ':' .. job.ordinal
  return at:match('^(.*):(%d+)$')
end

local function outcome_of(row, job, head, ordinal)
  if row.state:sub(1, 5) ~= 'done:' then return '' end
  return redis.call('HGET', KEY.done .. job.id .. ':' .. head, ordinal) or ''
end

-- What people said since of its findings, and of rules in its repository.
local function words_on(job, outcome)
  local words = {}
  if outcome == '' then return words end
  for _, of in ipairs({job.id, job.repo_id}) do
    for _, word in ipairs(redis.call('HVALS', KEY.words .. of)) do words[#words + 1] = word end
  end
  return words
end

local function ahead_of(row, job)
  if row.state ~= 'waiting' then return 0 end
  return redis.call('ZRANK', KEY.due, job.id) or redis.call('ZCARD', KEY.due)
end

local function given(id)
  local row, job = rows[id] or hash_of(KEY.row .. id), job_for(id)
  if not row.v or row.token ~= ask.token then return nil end
  if row.order then
    return cjson.encode({id = id, gen = row.gen, attempts = row.attempts,
      receipt = row.receipt or '', order = row.order})
  end
  if not job.v then return nil end
  local head, ordinal = target_of(row, job)
  local outcome = outcome_of(row, job, head, ordinal)
  return cjson.encode({
    id = id, gen = row.gen, attempts = row.attempts, receipt = row.receipt or '',
    origin = row.origin or '', person = row.person == '1', cid = row.cid or '',
    ref = job.ref, repo_id = job.repo_id, inst = job.inst, head = head, ordinal = ordinal,
    stage = stage_of(row, job), outcome = outcome,
    words = words_on(job, outcome), ahead = ahead_of(row, job),
    step = row.step or '', ready_in = row.state == 'waiting' and ready_in(job) or 0,
    paused = redis.call('GET', KEY.paused .. job.id) or '', ended = job.ended or '',
  })
end

-- What a newer version wrote is left to it; a row without a job has nothing to tell, unless it
-- is what a person said.
local function can_send(id, row)
  local job = job_for(id)
  if not row.v or not (job.v or row.order) then
    redis.call('ZREM', index, id)
    return false
  end
  redis.call('ZADD', index, now + lease, id)
  return num(row.v) <= SCHEMA and not job.newer
end

local function take(ids)
  local taken = {}
  for _, id in ipairs(ids) do
    local row = hash_of(KEY.row .. id)
    if can_send(id, row) then
      -- A sender that fell silent may have delivered: that counts as an attempt.
      if (row.token or '') ~= '' then row.attempts = num(row.attempts) + 1 end
      redis.call('HSET', KEY.row .. id, 'token', ask.token, 'attempts', row.attempts)
      row.token, rows[id], taken[#taken + 1] = ask.token, row, id
    end
  end
  if #taken == 0 then return end
  redis.call('RPUSH', claim, unpack(taken))
  redis.call('PEXPIRE', claim, lease)
end

if redis.call('EXISTS', claim) == 0 then
  take(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, ask.limit))
end
local found = {}
for _, id in ipairs(redis.call('LRANGE', claim, 0, -1)) do found[#found + 1] = given(id) end
return found
