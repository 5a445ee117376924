/**
 * What this person sees, kept up to date by server-sent events. After a lost connection everything is read again, so nothing is missed.
 */

export const store = {
  ready: false,
  me: '',
  people: new Map(),
  channels: new Map(),
  messages: new Map(),
  ephemerals: [],
  views: [],
  connections: 0,
  online: true,
};

const listeners = new Set();
let stream;
let version = 0;

export function onChange(listener) {
  listeners.add(listener);
}

export function changed() {
  for (const listener of listeners) listener();
}

/** Becomes this person: reads their workspace and follows it. */
export async function become(person) {
  version += 1;
  stream?.close();
  await load(person, version);
  follow(person, version);
}

async function load(person, mine) {
  const response = await fetch(`/sandbox/state?as=${encodeURIComponent(person)}`);
  if (!response.ok) throw new Error(await response.text());
  const state = await response.json();
  if (mine !== version) return;
  Object.assign(store, state, {
    ready: true,
    people: byId(state.people),
    channels: byId(state.channels),
    messages: new Map(Object.entries(state.messages).map(([channel, list]) => [channel, new Map(list.map((each) => [each.ts, each]))])),
  });
  changed();
}

function byId(list) {
  return new Map(list.map((each) => [each.id, each]));
}

function follow(person, mine) {
  stream = new EventSource(`/sandbox/stream?as=${encodeURIComponent(person)}`);
  stream.onerror = () => setOnline(false);
  stream.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === 'open' || change.kind === 'members') {
      setOnline(true);
      // Each opening reads again: something may have happened between reading and following.
      void load(person, mine);
      return;
    }
    apply(change);
    changed();
  };
}

function setOnline(online) {
  if (store.online === online) return;
  store.online = online;
  changed();
}

function apply(change) {
  const list = store.messages.get(change.channel);
  if (change.kind === 'message') list?.set(change.message.ts, change.message);
  else if (change.kind === 'message_deleted') list?.delete(change.ts);
  else if (change.kind === 'ephemeral')
    store.ephemerals = [...store.ephemerals.filter((each) => each.id !== change.ephemeral.id), change.ephemeral];
  else if (change.kind === 'ephemeral_gone') store.ephemerals = store.ephemerals.filter((each) => each.id !== change.id);
  else if (change.kind === 'views') store.views = change.views;
  else if (change.kind === 'connections') store.connections = change.open;
}

const byTs = (a, b) => (a.ts < b.ts ? -1 : 1);

/** The channel's timeline with what only this person sees, oldest first. */
export function timelineOf(channel) {
  const top = [...(store.messages.get(channel)?.values() ?? [])].filter(
    (each) => !each.thread_ts || each.thread_ts === each.ts || each.subtype === 'thread_broadcast',
  );
  return [...top, ...store.ephemerals.filter((each) => each.channel === channel && !each.thread_ts)].sort(byTs);
}

/** Parent and replies with what only this person sees, oldest first. */
export function threadOf(channel, ts) {
  const all = [...(store.messages.get(channel)?.values() ?? [])].filter((each) => each.ts === ts || each.thread_ts === ts);
  return [...all, ...store.ephemerals.filter((each) => each.channel === channel && each.thread_ts === ts)].sort(byTs);
}

/** Does something as the present person; rejects with the server's sentence. */
export async function act(name, order) {
  const body = JSON.stringify({ as: store.me, ...order });
  const response = await fetch(`/sandbox/${name}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const answer = await response.json();
  if (!answer.ok) throw new Error(answer.error);
  return answer.result;
}

export function nameOf(id) {
  return store.people.get(id)?.real_name ?? id;
}
