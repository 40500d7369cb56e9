-- Queues refused and unknown jobs again. Arguments: the ids. Returns how many were queued.
local queued = 0
for _, id in ipairs(ARGV) do
  local job = fields(id, 'state', 'number', 'key')
  if job[1] == 'refused' or job[1] == 'unknown' then
    set_state(id, job[2], job[1], 'queued')
    redis.call('HDEL', job_key(id), 'worker', 'started', 'error')
    local list = key('key:' .. job[3])
    local first = redis.call('LINDEX', list, 0)
    if first then
      redis.call('LINSERT', list, 'AFTER', first, id)
    else
      redis.call('RPUSH', list, id)
      offer(id)
    end
    queued = queued + 1
  end
end
return queued
