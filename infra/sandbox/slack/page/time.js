/** Times in the reader's own zone, and Slack's <!date^…> tokens. */

export function dateOf(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

export function clock(date, withSeconds = false) {
  return date.toLocaleTimeString([], { hour: 'numeric', minute: '2-digit', ...(withSeconds ? { second: '2-digit' } : {}) });
}

export function dayKey(date) {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
}

/** Today, Yesterday, or the date. */
export function dayName(date) {
  const today = new Date();
  const yesterday = new Date(today.getTime() - 86_400_000);
  if (dayKey(date) === dayKey(today)) return 'Today';
  if (dayKey(date) === dayKey(yesterday)) return 'Yesterday';
  return date.toLocaleDateString([], { weekday: 'long', month: 'long', day: 'numeric' });
}

export function full(date) {
  return date.toLocaleString([], { dateStyle: 'full', timeStyle: 'medium' });
}

export function lastReply(ts) {
  const date = dateOf(ts);
  const seconds = (Date.now() - date.getTime()) / 1000;
  if (seconds < 60) return 'just now';
  const day = dayName(date);
  return `${day === 'Today' ? 'today' : day === 'Yesterday' ? 'yesterday' : day} at ${clock(date)}`;
}

const long = (date) => date.toLocaleDateString([], { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
const medium = (date) => date.toLocaleDateString([], { year: 'numeric', month: 'long', day: 'numeric' });
const short = (date) => date.toLocaleDateString([], { year: 'numeric', month: 'short', day: 'numeric' });
const pretty = (date, plain) => {
  const day = dayName(date);
  return day === 'Today' || day === 'Yesterday' ? day.toLowerCase() : plain(date);
};

const TOKENS = {
  date_num: dayKey,
  date_slash: (date) => dayKey(date).replaceAll('-', '/'),
  date: medium,
  date_short: short,
  date_long: long,
  date_pretty: (date) => pretty(date, medium),
  date_short_pretty: (date) => pretty(date, short),
  date_long_pretty: (date) => pretty(date, long),
  time: (date) => clock(date),
  time_secs: (date) => clock(date, true),
  ago: (date) => lastReply(String(date.getTime() / 1000)),
};

/** Fills {date_short} {time} and the like. */
export function formatDate(unix, pattern) {
  const date = new Date(Number(unix) * 1000);
  return pattern.replaceAll(/\{(\w+)\}/g, (whole, token) => TOKENS[token]?.(date) ?? whole);
}
