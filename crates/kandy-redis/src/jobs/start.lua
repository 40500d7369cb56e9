-- Records that jobs are about to be sent. Arguments: the worker, and the ids. Returns the ids of those that it may send.
local worker = ARGV[1]
redis.call('ZADD', key('workers'), now, worker)
local started = {}
for at = 2, #ARGV do
  local id = ARGV[at]
  local job = fields(id, 'state', 'worker', 'started')
  if job[1] == 'leased' and job[2] == worker then
    if job[3] ~= '1' then
      redis.call('HSET', job_key(id), 'started', 1, 'changed', now)
      redis.call('HINCRBY', job_key(id), 'attempts', 1)
    end
    started[#started + 1] = id
  end
end
return started
