-- Takes one attempt from every allowance, or none of those that come after one that is used up.
-- An allowance is one number, the moment (in ms) at which it would be full again: each attempt moves it on by
-- what one attempt takes to grow back, and it may lie ahead of now by no more than all of them together.
-- KEYS: the allowances. ARGV: for each, ms for one attempt, and how many may be made at once.
-- Returns how many allowances had one left, before the first that had none.
-- What lies further ahead was written before the clock was set back: that is used up, and grows back from now on.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for place, key in ipairs(KEYS) do
  local each, most = tonumber(ARGV[place * 2 - 1]), tonumber(ARGV[place * 2])
  local full_at = math.max(tonumber(redis.call('GET', key) or 0), now) + each
  if full_at - now > each * (most + 1) then
    redis.call('SET', key, string.format('%d', now + each * most), 'PX', each * most)
    return place - 1
  end
  if full_at - now > each * most then
    return place - 1
  end
  redis.call('SET', key, string.format('%d', full_at), 'PX', full_at - now)
end
return #KEYS
