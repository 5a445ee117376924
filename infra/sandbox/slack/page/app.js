/** Starts the page: who you are, which channel, which thread; and redraws when something changed. */
import { Composer } from './composer.js';
import { el, icon } from './dom.js';
import { showModal } from './modal.js';
import { notice } from './notice.js';
import { Switcher, sidebar, topBar } from './shell.js';
import { become, changed, onChange, store, threadOf, timelineOf } from './store.js';
import { Timeline } from './timeline.js';

const $ = (id) => document.getElementById(id);
const EXAMPLE = '/ha restart atscale-prod';
const at = { channel: '', thread: undefined };

const switcher = new Switcher((person) => choosePerson(person.name));
const composer = new Composer('composer', () => ({ channel: at.channel }));
const threadComposer = new Composer('thread-composer', () => ({ channel: at.channel, thread_ts: at.thread }));
const timeline = new Timeline('channel', openThread, welcome);
const thread = new Timeline('thread', openThread);

const title = el('div', { class: 'title' });
const threadTitle = el('div', { class: 'title' });
const closeButton = el(
  'button',
  { type: 'button', class: 'tool', 'aria-label': 'Close thread', onclick: () => openThread(undefined) },
  icon('close'),
);
$('main').append(title, timeline.node, composer.node);
$('thread').append(el('header', { class: 'thread-head' }, threadTitle, closeButton), thread.node, threadComposer.node);

let hint;
/** The first lines of an empty channel. */
function welcome(messages) {
  const channel = store.channels.get(at.channel);
  if (messages.length > 0 || channel === undefined) return [];
  if (hint?.channel !== channel.id) hint = { channel: channel.id, node: hintFor(channel) };
  return [hint.node];
}

function hintFor(channel) {
  const start = channel.bot_member
    ? [
        el('p', {}, 'Start a reviewed procedure on a cluster. Type this, or press it:'),
        el('button', { type: 'button', class: 'example', onclick: () => composer.fill(EXAMPLE) }, `Type ${EXAMPLE}`),
      ]
    : [el('p', {}, 'Keyturn is not a member here.')];
  return el(
    'div',
    { class: 'welcome' },
    el('h2', {}, channel.is_im ? 'Keyturn' : `# ${channel.name}`),
    el('p', { class: 'muted' }, channel.topic),
    start,
  );
}

function openThread(ts) {
  at.thread = ts;
  remember();
  draw();
  (ts === undefined ? composer : threadComposer).box.focus({ preventScroll: true });
}

function openChannel(id) {
  at.channel = id;
  at.thread = undefined;
  remember();
  draw();
  composer.box.focus();
}

/** The address says it all, so that a reload or a copied address shows the same. */
function remember() {
  const address = new URL(location.origin);
  const me = store.people.get(store.me)?.name ?? '';
  address.search = new URLSearchParams({
    as: me,
    channel: store.channels.get(at.channel)?.name ?? at.channel,
    ...(at.thread === undefined ? {} : { thread: at.thread }),
  }).toString();
  history.replaceState(null, '', address);
  sessionStorage.setItem('as', me);
}

async function choosePerson(name) {
  try {
    await become(name);
  } catch (error) {
    notice(error.message);
    return;
  }
  if (!store.channels.get(at.channel)?.member) openChannel(firstChannel());
  remember();
}

function firstChannel() {
  return [...store.channels.values()].find((each) => each.member && !each.is_archived)?.id ?? '';
}

function drawTitles(channel) {
  const name = channel.is_im ? 'Keyturn' : `# ${channel.name}`;
  title.replaceChildren(
    el('h1', {}, name),
    el('span', { class: 'muted topic' }, channel.topic),
    el('span', { class: 'muted count' }, `${channel.member_count} members`),
  );
  threadTitle.replaceChildren(el('h2', {}, 'Thread'), el('span', { class: 'muted' }, name));
  document.title = `${name} – ${store.team.name} (sandbox)`;
}

/** Runs `redraw` only when what it shows has changed: a region that is left alone keeps its keyboard focus. */
const drawn = new Map();
function region(name, shown, redraw) {
  const signature = JSON.stringify(shown);
  if (drawn.get(name) === signature) return;
  drawn.set(name, signature);
  redraw();
}

function draw() {
  const channel = store.channels.get(at.channel);
  if (!store.ready || channel === undefined) return;
  region('top', [store.team, store.mode, store.connections > 0, store.online], () => topBar($('top'), switcher));
  region('switcher', [store.me, [...store.people]], () => switcher.show());
  region('sidebar', [store.me, at.channel, [...store.channels]], () => sidebar($('sidebar'), at.channel, openChannel));
  region('titles', [channel, store.team], () => drawTitles(channel));
  timeline.show(`${store.me} ${at.channel}`, at.channel, timelineOf(at.channel));
  composer.show(
    `${store.me} ${at.channel}`,
    channel.is_archived ? 'This channel is archived' : `Message ${channel.is_im ? 'Keyturn' : `#${channel.name}`}`,
    channel.is_archived || !channel.member,
  );
  drawThread();
  showModal();
}

function drawThread() {
  const messages = at.thread === undefined ? [] : threadOf(at.channel, at.thread);
  $('thread').hidden = messages.length === 0;
  $('app').classList.toggle('with-thread', messages.length > 0);
  if (messages.length === 0) return;
  thread.show(`${store.me} ${at.channel} ${at.thread}`, at.channel, messages);
  threadComposer.show(`${store.me} ${at.channel} ${at.thread}`, 'Reply…', false);
}

/** /archives/<channel>/p<ts>, as permalinks have it; the thread of a reply is in the query. */
function fromPermalink(address) {
  const match = /^\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})$/.exec(address.pathname);
  if (match === null) return undefined;
  const ts = `${match[2]}.${match[3]}`;
  return { channel: match[1], ts, thread: address.searchParams.get('thread_ts') ?? ts };
}

function goTo({ channel, ts, thread: parent }) {
  if (!store.channels.has(channel)) return notice('You cannot see that channel.');
  at.channel = channel;
  at.thread = parent;
  remember();
  draw();
  document.querySelector(`.thread [data-ts="${CSS.escape(ts)}"]`)?.scrollIntoView({ block: 'center' });
}

$('thread').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') openThread(undefined);
});

/** Links to messages of this workspace open here, without leaving the page. */
document.addEventListener('click', (event) => {
  const anchor = event.target.closest?.('a[href]');
  const address = anchor === null || anchor === undefined ? undefined : new URL(anchor.href);
  const target = address?.origin === location.origin ? fromPermalink(address) : undefined;
  if (target === undefined) return;
  event.preventDefault();
  goTo(target);
});

/** Redraws at most once a frame, however many changes come in. */
let queued = false;
onChange(() => {
  if (queued) return;
  queued = true;
  requestAnimationFrame(() => {
    queued = false;
    draw();
  });
});

async function start() {
  const query = new URLSearchParams(location.search);
  const link = fromPermalink(new URL(location.href));
  await become(query.get('as') ?? sessionStorage.getItem('as') ?? 'dana').catch(() => become('dana'));
  const wanted = [...store.channels.values()].find((each) => each.name === query.get('channel') || each.id === query.get('channel'));
  at.channel = wanted?.id ?? firstChannel();
  at.thread = query.get('thread') ?? undefined;
  if (link === undefined) remember();
  else goTo(link);
  changed();
  composer.box.focus();
}

start().catch((error) => notice(error.message));
