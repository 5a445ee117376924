/** The frame around the conversation: workspace, who you are, channels. */
import { avatar } from './avatar.js';
import { el, icon } from './dom.js';
import { store } from './store.js';

function status() {
  if (!store.online) return el('span', { class: 'status off' }, 'Connection to the sandbox lost, trying again…');
  if (store.mode === 'http') return el('span', { class: 'status on' }, 'The app is reached over HTTP');
  const on = store.connections > 0;
  return el(
    'span',
    { class: `status ${on ? 'on' : 'off'}`, 'data-testid': 'app-status' },
    on ? 'Keyturn is connected' : 'Keyturn is not connected',
  );
}

const roleOf = (person) => [person.title, person.guest && 'guest', person.external && 'external'].filter(Boolean)[0] ?? '';

function choice(person, choose) {
  const mine = person.id === store.me;
  return el(
    'button',
    { type: 'button', role: 'menuitemradio', 'aria-checked': String(mine), class: 'menu-item', onclick: () => choose(person) },
    avatar(person.id, 'small'),
    el('span', { class: 'menu-text' }, el('strong', {}, person.real_name), el('span', { class: 'muted' }, roleOf(person))),
    mine && icon('check'),
  );
}

/** "You are: …", with everyone whom you can be. */
export class Switcher {
  constructor(choose) {
    this.choose = choose;
    this.label = el('span', { class: 'switch-label' });
    this.button = el(
      'button',
      {
        type: 'button',
        class: 'switch',
        'data-testid': 'person-switcher',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        onclick: () => this.toggle(),
      },
      this.label,
      icon('down'),
    );
    this.menu = el('div', { class: 'menu', role: 'menu', 'aria-label': 'Who are you?', hidden: true });
    this.node = el('div', { class: 'switcher', onkeydown: (event) => this.key(event) }, this.button, this.menu);
    document.addEventListener('click', (event) => {
      if (!this.node.contains(event.target)) this.toggle(false);
    });
  }

  show() {
    const me = store.people.get(store.me);
    this.label.replaceChildren(
      avatar(store.me, 'small'),
      el('span', { class: 'muted' }, 'You are:'),
      el('strong', {}, me?.real_name ?? ''),
      el('span', { class: 'muted role' }, roleOf(me ?? {})),
    );
    const people = [...store.people.values()].filter((each) => !each.is_bot && !each.deleted);
    this.menu.replaceChildren(
      el('p', { class: 'menu-head' }, 'Switch person'),
      ...people.map((each) => choice(each, (one) => this.pick(one))),
    );
  }

  pick(person) {
    this.toggle(false);
    this.button.focus();
    this.choose(person);
  }

  toggle(open = this.menu.hidden) {
    this.menu.hidden = !open;
    this.button.setAttribute('aria-expanded', String(open));
    if (open) this.menu.querySelector('[aria-checked=true]')?.focus();
  }

  key(event) {
    const items = [...this.menu.querySelectorAll('button')];
    const at = items.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Escape') {
      this.toggle(false);
      this.button.focus();
    } else if (step !== undefined && !this.menu.hidden) {
      event.preventDefault();
      items[(at + step + items.length) % items.length]?.focus();
    }
  }
}

export function topBar(node, switcher) {
  node.replaceChildren(
    el(
      'div',
      { class: 'workspace' },
      el('img', { class: 'avatar small', src: '/icon.svg', alt: '' }),
      el('strong', {}, store.team.name),
      el('span', { class: 'tag' }, 'sandbox'),
    ),
    status(),
    switcher.node,
  );
}

function channelButton(channel, current, go) {
  const name = channel.is_im ? 'Keyturn' : channel.name;
  const mark = channel.is_im
    ? avatar(store.app.botUserId, 'tiny')
    : channel.is_private
      ? icon('lock')
      : el('span', { class: 'hash', 'aria-hidden': 'true' }, '#');
  return el(
    'button',
    {
      type: 'button',
      class: 'channel',
      'data-testid': `channel-${channel.is_im ? 'dm' : channel.name}`,
      'aria-current': channel.id === current ? 'page' : undefined,
      onclick: () => go(channel.id),
    },
    mark,
    el('span', { class: 'channel-name' }, name),
    channel.is_ext_shared && el('span', { class: 'tag' }, 'external'),
  );
}

/** The channels that this person is in. */
export function sidebar(node, current, go) {
  const mine = [...store.channels.values()].filter((each) => each.member && !each.is_archived);
  const group = (title, list) =>
    list.length > 0 &&
    el(
      'section',
      {},
      el('h2', {}, title),
      list.map((each) => channelButton(each, current, go)),
    );
  node.replaceChildren(
    ...[
      group(
        'Channels',
        mine.filter((each) => !each.is_im),
      ),
      group(
        'Apps',
        mine.filter((each) => each.is_im),
      ),
    ].filter(Boolean),
  );
}
