-- What every script starts with: its arguments, the time, hashes as tables.
-- Time is the server's alone: the clocks of workers may be wrong.
local SCHEMA = '1'
local ask = cjson.decode(ARGV[1])     -- what is asked for
local policy = cjson.decode(ARGV[2])  -- waits in milliseconds, lifetimes in seconds, limits, words

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Numbers of a hash; absent and cleared ('') fields count as 0.
local function num(value)
  return tonumber(value or '') or 0
end

local function hash_of(key)
  local flat, hash = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do hash[flat[i]] = flat[i + 1] end
  return hash
end

local function put_hash(key, hash, fields)
  local flat = {}
  for name, value in pairs(fields) do
    hash[name] = tostring(value)
    flat[#flat + 1] = name
    flat[#flat + 1] = hash[name]
  end
  redis.call('HSET', key, unpack(flat))
end

local function job_of(id)
  local job = hash_of(KEY.job .. id)
  job.id = id
  return job
end

local function put(job, fields)
  put_hash(KEY.job .. job.id, job, fields)
end

-- Remembers that a job changed; its state is kept for so long from now on.
local function touch(job)
  put(job, {updated = now})
  redis.call('ZADD', KEY.jobs, now, job.id)
  for _, name in ipairs({KEY.job, KEY.asked, KEY.run}) do
    redis.call('EXPIRE', name .. job.id, policy.keep)
  end
end

-- A closed pull request is remembered for less long; whatever happens to it lengthens that again.
local function pass_in_time(job)
  redis.call('EXPIRE', KEY.job .. job.id, policy.keep_closed)
end

local function holds(job, epoch)
  return job.stage == 'running' and job.epoch == epoch
end

local function target_of_run(job)
  return job.run_head .. ':' .. job.run_ordinal
end

-- Nothing newer than the current run is wanted.
local function run_is_wanted(job)
  return job.head == job.run_head and job.ordinal == job.run_ordinal
end
