/**
 * Every key that Keyturn keeps in Redis. All share one hash tag, so one script may touch any of them on a Redis Cluster too.
 * BullMQ's keys begin with the same tag (`tag` is its prefix).
 */
export const tag = '{keyturn}';

/** The one queue: nudges to look at a run. */
export const queueName = 'nudges';

export const keys = {
  journal: (run: string) => `${tag}:run:${run}:journal`,
  head: (run: string) => `${tag}:run:${run}:head`,
  thread: (run: string) => `${tag}:run:${run}:thread`,
  live: (run: string, step: string, host: string) => `${tag}:run:${run}:live:${encodeURIComponent(step)}:${encodeURIComponent(host)}`,
  liveChannel: `${tag}:live`,
  lock: (cluster: string) => `${tag}:lock:${cluster}`,
  request: (requestId: string) => `${tag}:request:${requestId}`,
  lease: (name: string) => `${tag}:lease:${name}`,
  drive: (run: string) => `${tag}:drive:${run}`,
  probe: (id: string) => `${tag}:probe:${id}`,
  open: `${tag}:open`,
  finished: `${tag}:finished`,
  feed: `${tag}:feed`,
  store: `${tag}:store`,
  sealedBy: `${tag}:sealed-by`,
  register: `${tag}:register`,
  registerHead: `${tag}:register-head`,
  registerIds: `${tag}:register-ids`,
  runs: `${tag}:runs`,
  runsHead: `${tag}:runs-head`,
  runsIds: `${tag}:runs-ids`,
  factor: (user: string) => `${tag}:factor:${encodeURIComponent(user)}`,
  factors: `${tag}:factors`,
} as const;
