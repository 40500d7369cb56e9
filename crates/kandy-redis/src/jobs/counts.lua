-- Returns how many jobs are in each state that is an argument.
local counts = {}
for at, state in ipairs(ARGV) do
  counts[at] = redis.call('ZCARD', key('state:' .. state))
end
return counts
