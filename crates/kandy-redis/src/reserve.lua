-- Reserves the next turn of a rate limit. See rate_limit.rs.
local interval, early, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local value = redis.call('GET', KEYS[1])
local next = tonumber(value or 0)
if not next then
  return redis.error_reply('WRONGTYPE the key does not hold a rate limit')
end
local turn = math.max(next, tonumber(ARGV[4]), now)
local wait = math.max(turn - early - now, 0)
if wait > longest then
  return {-1, 0}
end
next = turn + interval
-- Once the next turn is in the past, the key says nothing. A second more, because keys expire by a coarser clock.
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', string.format('%.0f', (next - now) / 1000 + 1000))
return {wait, next}
