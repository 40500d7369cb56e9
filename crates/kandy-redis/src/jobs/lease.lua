-- Leases jobs. Arguments: the worker, how many, the lease time in milliseconds, and the error of jobs whose worker has died. Returns how
-- many milliseconds the next job waits, or -1, and for each job its id, key, payload, attempts and time.
local worker, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZADD', key('workers'), now, worker)
-- What workers had that have died: what they had started may have been sent, and the rest goes to others.
for _, dead in ipairs(redis.call('ZRANGEBYSCORE', key('workers'), '-inf', '(' .. string.format('%.0f', now - lease), 'LIMIT', 0, 4)) do
  for _, id in ipairs(redis.call('SMEMBERS', key('held:' .. dead))) do
    local job = fields(id, 'number', 'key', 'entry', 'started')
    withdraw(id, dead, job[3])
    if job[4] == '1' then
      set_state(id, job[1], 'leased', 'unknown')
      set_error(id, ARGV[4])
      settle(id, job[2])
    else
      set_state(id, job[1], 'leased', 'queued')
      offer(id)
    end
  end
  redis.call('DEL', key('held:' .. dead))
  redis.call('ZREM', key('workers'), dead)
  redis.pcall('XGROUP', 'DELCONSUMER', stream, group, dead)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('due'), '-inf', now, 'LIMIT', 0, 100)) do
  redis.call('ZREM', key('due'), id)
  offer(id)
end
-- What the worker was given already, if the response was lost.
local ids = {}
for _, id in ipairs(redis.call('SMEMBERS', key('held:' .. worker))) do
  if redis.call('HGET', job_key(id), 'started') ~= '1' then
    ids[#ids + 1] = id
  end
end
if #ids == 0 and most > 0 then
  local read = redis.pcall('XREADGROUP', 'GROUP', group, worker, 'COUNT', most, 'STREAMS', stream, '>')
  if read and not read.err then
    for _, entry in ipairs(read[1][2]) do
      local id = entry[2][2]
      set_state(id, redis.call('HGET', job_key(id), 'number'), 'queued', 'leased')
      redis.call('HSET', job_key(id), 'worker', worker, 'started', 0, 'entry', entry[1])
      redis.call('SADD', key('held:' .. worker), id)
      ids[#ids + 1] = id
    end
  end
end
local next = redis.call('ZRANGE', key('due'), 0, 0, 'WITHSCORES')
local leased = { next[2] and math.max(tonumber(next[2]) - now, 0) or -1 }
for _, id in ipairs(ids) do
  local job = fields(id, 'key', 'payload', 'attempts', 'at')
  for _, field in ipairs({ id, job[1], job[2], job[3], job[4] }) do
    leased[#leased + 1] = field
  end
end
return leased
