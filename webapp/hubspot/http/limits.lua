-- Takes one call out of a portal's budget, or says how long to wait.
-- KEYS: 1 window (list of grant times in microseconds, newest first)   2 announced limits (hash)
--       3 the day's quota (hash, expires when the day ends)            4 the day's use (hash)
--       5 that a call waits which others let go first (text)
--       6 that the day's quota was announced or asked for a short time ago (text)
--       7.. pauses (texts that expire when the pause ends), named by ARGV[10..]
-- ARGV: 1 kind   2 1 if urgent   3 configured limit or 0   4 limit while nothing is announced
--       5 interval in ms while nothing is announced   6 share of the day left to others
--       7 life of the use counters in s   8 whether others `wait` for the call, it lets others go `first`, or neither
--       9 after how many ms without an announcement a call asks whether there is a quota again
--       10.. what each pause is waiting for
-- Returns: { wait in ms, what is waited for, time of the grant in microseconds as text,
--            calls that are not urgent allowed in an interval, interval in ms }
local kind = ARGV[1]

local longest, waiting_for = 0, ''
for i = 7, #KEYS do
  local left = redis.call('PTTL', KEYS[i])
  if left > longest then longest, waiting_for = left, ARGV[i + 3] end
end
if longest > 0 then return { longest, waiting_for, '' } end

local quota = redis.call('HMGET', KEYS[3], 'limit', 'remaining')
if quota[1] and tonumber(quota[2]) <= math.ceil(tonumber(quota[1]) * tonumber(ARGV[6])) then
  -- Now and then one call asks: the day may end earlier there, or the quota be larger by now. A search, whose
  -- answer announces nothing, does so as well, since the call that comes after it can only then.
  local heard = redis.call('PTTL', KEYS[6])
  if heard > 0 then
    return { math.max(1, math.min(heard, redis.call('PTTL', KEYS[3]))), 'daily_limit', '' }
  end
  redis.call('SET', KEYS[6], '1', 'PX', ARGV[9])
end

-- 95 % of what is announced; a configured limit may only lower it. Some calls are kept for urgent ones.
local limit, interval = tonumber(ARGV[4]), tonumber(ARGV[5])
if kind == 'burst' then
  local announced = redis.call('HMGET', KEYS[2], 'max', 'interval_ms')
  interval = tonumber(announced[2]) or interval
  local configured = tonumber(ARGV[3])
  if announced[1] then limit = tonumber(announced[1]) end
  limit = math.floor(limit * 0.95)
  if configured > 0 then limit = announced[1] and math.min(configured, limit) or configured end
else
  -- Of so few calls 95 % would be a whole one less: they are spread over a longer time instead.
  interval = math.ceil(interval / 0.95)
end
limit = math.max(1, limit)
local reserve = kind == 'burst' and math.max(2, math.floor(limit / 20)) or 1
local allowed = ARGV[2] == '1' and limit or math.max(1, limit - reserve)

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local newest = redis.call('LINDEX', KEYS[1], 0)
-- A clock that was set back would otherwise stop every call until it has caught up.
if newest and now < tonumber(newest) then redis.call('DEL', KEYS[1]) end
waiting_for = kind == 'search' and 'search_limit' or 'rate_limit'
local oldest = redis.call('LINDEX', KEYS[1], allowed - 1)
if oldest then
  local wait_us = tonumber(oldest) + interval * 1000 - now
  if wait_us > 0 then
    if ARGV[8] == 'wait' then
      -- Room that comes up meanwhile is kept for it; who waits asks again within half a second.
      redis.call('SET', KEYS[5], '1', 'PX', math.min(600, math.ceil(wait_us / 1000) + 50))
    end
    return { math.ceil(wait_us / 1000), waiting_for, '' }
  end
end
if ARGV[8] == 'first' and redis.call('EXISTS', KEYS[5]) == 1 then return { 25, 'others', '' } end

local stamp = string.format('%.0f', now)
redis.call('LPUSH', KEYS[1], stamp)
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('PEXPIRE', KEYS[1], interval + 1000)
redis.call('HINCRBY', KEYS[4], kind, 1)
redis.call('EXPIRE', KEYS[4], ARGV[7])
if quota[1] then redis.call('HINCRBY', KEYS[3], 'remaining', -1) end
return { 0, '', stamp, math.max(1, limit - reserve), interval }
