-- What all scripts of a queue begin with. See mod.rs for the keys.
local base = KEYS[1]
local function key(name)
  return base .. ':' .. name
end
local function job_key(id)
  return base .. ':job:' .. id
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stream, group = key('stream'), 'workers'

local function fields(id, ...)
  return redis.call('HMGET', job_key(id), ...)
end

local function set_state(id, number, from, to)
  redis.call('ZREM', key('state:' .. from), id)
  redis.call('ZADD', key('state:' .. to), number, id)
  redis.call('HSET', job_key(id), 'state', to, 'changed', now)
end

local function set_error(id, text)
  if text == '' then
    redis.call('HDEL', job_key(id), 'error')
  else
    redis.call('HSET', job_key(id), 'error', text)
  end
end

-- Lets a job be leased.
local function offer(id)
  local entry = redis.call('XADD', stream, '*', 'id', id)
  redis.call('HSET', job_key(id), 'entry', entry)
end

-- Takes a job away from the worker that has it.
local function withdraw(id, worker, entry)
  redis.call('SREM', key('held:' .. worker), id)
  redis.call('XACK', stream, group, entry)
  redis.call('XDEL', stream, entry)
end

-- Lets the next job of a key be leased, once the first one is settled.
local function settle(id, order)
  local list = key('key:' .. order)
  local is_first = redis.call('LINDEX', list, 0) == id
  redis.call('LREM', list, 1, id)
  local next = is_first and redis.call('LINDEX', list, 0)
  if next then
    offer(next)
  end
end
