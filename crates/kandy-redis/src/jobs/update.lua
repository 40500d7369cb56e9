-- Records what became of jobs. Arguments: the worker, and for each job its id, new state, wait in milliseconds, and error or nothing.
local worker = ARGV[1]
redis.call('ZADD', key('workers'), now, worker)
for at = 2, #ARGV, 4 do
  local id, state, wait, reason = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2]), ARGV[at + 3]
  local job = fields(id, 'state', 'worker', 'number', 'key', 'entry', 'started')
  if job[2] == worker and job[1] == 'leased' then
    withdraw(id, worker, job[5])
    set_state(id, job[3], 'leased', state)
    if state ~= 'queued' then
      set_error(id, reason)
      settle(id, job[4])
    else
      if job[6] == '1' then
        set_error(id, reason)
      end
      if wait > 0 then
        redis.call('ZADD', key('due'), now + wait, id)
      else
        offer(id)
      end
    end
  elseif job[2] == worker and job[1] == 'unknown' and state ~= 'queued' then
    -- The outcome of a call that had been given up is known late.
    set_state(id, job[3], 'unknown', state)
    set_error(id, reason)
  end
end
return 0
