-- Adds jobs. Arguments: the number of this request, and for each job its id, key and payload. Returns the ids of those that are new,
-- also when the same request is repeated.
redis.pcall('XGROUP', 'CREATE', stream, group, '0', 'MKSTREAM')
local added = {}
for at = 2, #ARGV, 3 do
  local id, order, payload = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local request = redis.call('HGET', job_key(id), 'request')
  if not request then
    local number = redis.call('INCR', key('last'))
    redis.call('HSET', job_key(id), 'key', order, 'payload', payload, 'at', now, 'changed', now, 'number', number,
      'attempts', 0, 'state', 'queued', 'request', ARGV[1])
    redis.call('ZADD', key('state:queued'), number, id)
    if redis.call('RPUSH', key('key:' .. order), id) == 1 then
      offer(id)
    end
    request = ARGV[1]
  end
  if request == ARGV[1] then
    added[#added + 1] = id
  end
end
return added
