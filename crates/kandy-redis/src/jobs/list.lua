-- Lists jobs. Arguments: the state, the number of the first one, and how many. Returns the number of the next one, or -1, and for each job
-- its id, key, attempts, time, time of its last change, error or nothing, and payload.
local most = tonumber(ARGV[3])
local ids = redis.call('ZRANGEBYSCORE', key('state:' .. ARGV[1]), ARGV[2], '+inf', 'LIMIT', 0, most + 1)
local listed = { -1 }
for at, id in ipairs(ids) do
  if at > most then
    listed[1] = tonumber(redis.call('HGET', job_key(id), 'number'))
  else
    local job = fields(id, 'key', 'attempts', 'at', 'changed', 'error', 'payload')
    for _, field in ipairs({ id, job[1], job[2], job[3], job[4], job[5] or '', job[6] }) do
      listed[#listed + 1] = field
    end
  end
end
return listed
