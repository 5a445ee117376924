/** Who wrote it: initials on a colour of their own; the app has its key. */
import { el } from './dom.js';
import { store } from './store.js';

const COLOURS = 7;

/** By the order of people, so that neighbours never look alike. */
function colourOf(id) {
  return Math.max(0, [...store.people.keys()].indexOf(id)) % COLOURS;
}

export function avatar(id, size = 'normal') {
  if (id === 'slackbot') return el('span', { class: `avatar ${size} colour-bot`, 'aria-hidden': 'true' }, 'S');
  if (id === store.app?.botUserId) return el('img', { class: `avatar ${size}`, src: '/icon.svg', alt: '' });
  const name = store.people.get(id)?.real_name ?? '?';
  const initials = name
    .split(' ')
    .map((each) => each[0])
    .slice(0, 2)
    .join('');
  return el('span', { class: `avatar ${size} colour-${colourOf(id)}`, 'aria-hidden': 'true' }, initials);
}
