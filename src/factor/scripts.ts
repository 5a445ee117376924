/**
 * What happens to a person's entry in Redis, each as one script. KEYS[1] is the entry, a hash; KEYS[2] the set of everybody who is enrolled.
 * A command that was lost is sent again after a reconnect, and Slack may deliver a form twice: each knows its own second coming (`id`).
 */

/**
 * ARGV: sealed secret that the code was compared with, step of the code or -1, now, id, most wrong codes, within ms, lock ms, longest lock ms,
 * ms after which former locks and wrong codes of the long count are forgotten, most wrong codes of the long count.
 *
 * The last accepted step only grows, for as long as Redis keeps the entry. Each lock is twice as long as the one before, right codes of the owner in
 * between or not: whoever has stolen a session and tries for a whole year succeeds at less than one in a hundred (five codes a day in the end, three
 * of a million right at a time). The long count is for whoever stays below the short one, four in ten minutes for a year: no right code and no lock
 * ends it, and above it each wrong code locks.
 */
export const verifyLua = `
local known = redis.call('HMGET', KEYS[1], 'secret', 'last', 'lastId', 'wrong', 'since', 'until', 'locks', 'lockedAt', 'many', 'manySince')
if known[1] ~= ARGV[1] then return {'changed', 0} end
local step, now, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local last = tonumber(known[2] or -1)
if step >= 0 and step == last and known[3] == ARGV[4] then return {'proved', 0} end
local till = tonumber(known[6] or 0)
if till > now then return {'locked', till} end
if step >= 0 then
  if step <= last then return {'used', 0} end
  redis.call('HSET', KEYS[1], 'last', step, 'lastId', ARGV[4])
  redis.call('HDEL', KEYS[1], 'wrong', 'since', 'until')
  return {'proved', 0}
end
local wrong, since = tonumber(known[4] or 0), tonumber(known[5] or now)
if now - since >= tonumber(ARGV[6]) then wrong, since = 0, now end
wrong = wrong + 1
local many, manySince = tonumber(known[9] or 0), tonumber(known[10] or now)
if now - manySince >= tonumber(ARGV[9]) then many, manySince = 0, now end
many = many + 1
redis.call('HSET', KEYS[1], 'many', many, 'manySince', string.format('%.0f', manySince))
local mostMany = tonumber(ARGV[10])
if wrong < most and many < mostMany then
  redis.call('HSET', KEYS[1], 'wrong', wrong, 'since', since)
  return {'wrong', math.min(most - wrong, mostMany - many)}
end
local locks = tonumber(known[7] or 0)
if now - tonumber(known[8] or now) >= tonumber(ARGV[9]) then locks = 0 end
local long = math.min(tonumber(ARGV[7]) * 2 ^ math.min(locks, 20), tonumber(ARGV[8]))
redis.call('HSET', KEYS[1], 'locks', locks + 1, 'lockedAt', ARGV[3], 'until', string.format('%.0f', now + long))
redis.call('HDEL', KEYS[1], 'wrong', 'since')
return {'locked', now + long}
`;

/** ARGV: user, sealed secret, step of the code that confirmed it, by, at, '1' for the very first of all. */
export const enrolLua = `
local known = redis.call('HMGET', KEYS[1], 'secret', 'last')
if known[1] == ARGV[2] then return 'enrolled' end
if known[1] then return 'already' end
if ARGV[6] == '1' and redis.call('SCARD', KEYS[2]) > 0 then return 'notFirst' end
if tonumber(ARGV[3]) <= tonumber(known[2] or -1) then return 'used' end
redis.call('HSET', KEYS[1], 'secret', ARGV[2], 'last', ARGV[3], 'by', ARGV[4], 'at', ARGV[5])
redis.call('SADD', KEYS[2], ARGV[1])
return 'enrolled'
`;

/** ARGV: user, id. The last accepted step stays: no code counts twice, whatever is enrolled later. */
export const resetLua = `
if redis.call('HGET', KEYS[1], 'resetId') == ARGV[2] then return 'reset' end
if redis.call('HEXISTS', KEYS[1], 'secret') == 0 then return 'notEnrolled' end
redis.call('HDEL', KEYS[1], 'secret', 'by', 'at', 'lastId', 'wrong', 'since', 'until', 'locks', 'lockedAt', 'many', 'manySince')
redis.call('HSET', KEYS[1], 'resetId', ARGV[2])
redis.call('SREM', KEYS[2], ARGV[1])
return 'reset'
`;
