/** Where people type: Enter sends, Shift and Enter makes a new line, and a line that begins with / is a command. */
import { el, icon, uniqueId } from './dom.js';
import { notice } from './notice.js';
import { act, store } from './store.js';

/** Slack escapes what people type, and turns @names into mentions. */
function encode(text) {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const names = [...store.people.values()]
    .flatMap((each) => [
      [each.real_name, each.id],
      [each.name, each.id],
    ])
    .sort((a, b) => b[0].length - a[0].length);
  return names.reduce(
    (said, [name, id]) => said.replaceAll(new RegExp(`@${name.replaceAll(/[^\w ]/g, '')}(?!\\w)`, 'gi'), `<@${id}>`),
    escaped,
  );
}

export class Composer {
  /** `where()` gives { channel, thread_ts } at the moment of sending. */
  constructor(testId, where) {
    this.where = where;
    this.drafts = new Map();
    this.draftKey = '';
    const hintId = uniqueId('hint');
    this.hint = el('div', { class: 'hint', id: hintId, 'data-testid': `${testId}-hint`, hidden: true });
    this.box = el('textarea', {
      rows: '1',
      'data-testid': testId,
      'aria-describedby': hintId,
      autocomplete: 'off',
      spellcheck: 'false',
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
    });
    this.button = el(
      'button',
      { type: 'button', class: 'send', 'aria-label': 'Send', title: 'Send', onclick: () => this.send() },
      icon('send'),
    );
    this.node = el('div', { class: 'composer' }, this.hint, el('div', { class: 'composer-box' }, this.box, this.button));
  }

  /** Switches to another conversation; what was being typed in each is kept. */
  show(key, label, disabled) {
    if (key !== this.draftKey) {
      this.drafts.set(this.draftKey, this.box.value);
      this.draftKey = key;
      this.box.value = this.drafts.get(key) ?? '';
      this.typed();
    }
    this.box.setAttribute('aria-label', label);
    this.box.placeholder = label;
    this.box.disabled = disabled;
    this.button.disabled = disabled;
  }

  fill(text) {
    this.box.value = text;
    this.typed();
    this.box.focus();
  }

  typed() {
    this.box.style.height = 'auto';
    this.box.style.height = `${Math.min(this.box.scrollHeight, 200)}px`;
    this.button.classList.toggle('ready', this.box.value.trim() !== '');
    const { command, usageHint } = store.app ?? {};
    const word = this.box.value.split(' ')[0];
    const offer = this.box.value.startsWith('/') && (command ?? '').startsWith(word);
    this.hint.hidden = !offer;
    if (offer) this.hint.replaceChildren(el('strong', {}, command), ` ${usageHint}`, el('span', { class: 'muted' }, ' Keyturn'));
  }

  key(event) {
    if (event.key === 'Tab' && !this.hint.hidden && !this.box.value.includes(' ')) {
      event.preventDefault();
      this.fill(`${store.app.command} `);
    }
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void this.send();
  }

  async send() {
    const text = this.box.value.trim();
    if (text === '') return;
    const problem = this.problem(text);
    if (problem !== undefined) return notice(problem);
    this.box.value = '';
    this.typed();
    const { channel, thread_ts } = this.where();
    try {
      if (text.startsWith('/')) await act('command', { channel, text });
      else await act('say', { channel, text: encode(text), ...(thread_ts === undefined ? {} : { thread_ts }) });
    } catch (error) {
      notice(error.message);
      this.fill(text);
    }
  }

  /** Slack's own refusals, before anything is sent. */
  problem(text) {
    if (!text.startsWith('/')) return undefined;
    const word = text.split(' ')[0];
    if (word !== store.app.command) return `${word} is not a valid command. Here there is ${store.app.command}.`;
    return this.where().thread_ts === undefined
      ? undefined
      : `${word} is not supported in threads. Type it in the channel, or mention the app here.`;
  }
}
