-- Removes up to a thousand jobs in a state. Argument: the state. Returns how many were removed.
local ids = redis.call('ZRANGE', key('state:' .. ARGV[1]), 0, 999)
for _, id in ipairs(ids) do
  redis.call('DEL', job_key(id))
  redis.call('ZREM', key('state:' .. ARGV[1]), id)
end
return #ids
