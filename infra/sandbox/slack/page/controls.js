/** What people press and choose in messages and modals. `use(order)` sends it and resolves when the app has taken it. */
import { el, uniqueId } from './dom.js';
import { textObject, textString } from './mrkdwn.js';
import { store } from './store.js';

/** A confirm dialog as the app described it; resolves with the person's decision. */
export function confirmed(confirm) {
  if (confirm === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const title = uniqueId('confirm');
    const answer = (value) => () => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    const style = confirm.style === 'danger' ? 'button danger solid' : 'button primary';
    const dialog = el(
      'dialog',
      { class: 'dialog small', 'data-testid': 'confirm', 'aria-labelledby': title, oncancel: answer(false) },
      el('h2', { id: title }, textObject(confirm.title)),
      el('p', { class: 'dialog-text' }, textObject(confirm.text)),
      el(
        'div',
        { class: 'dialog-foot' },
        el('button', { type: 'button', class: 'button', onclick: answer(false) }, textObject(confirm.deny)),
        el('button', { type: 'button', class: style, onclick: answer(true) }, textObject(confirm.confirm)),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Disables the control while the app is being told. */
async function busy(node, run) {
  node.setAttribute('aria-busy', 'true');
  node.disabled = true;
  try {
    await run();
  } finally {
    node.removeAttribute('aria-busy');
    node.disabled = false;
  }
}

const orderOf = (block, element) => ({
  actionId: element.action_id,
  blockId: block.block_id,
  ...(element.value === undefined ? {} : { value: element.value }),
});

function button(block, element, use) {
  const node = el(
    'button',
    {
      type: 'button',
      class: `button ${element.style ?? ''}`,
      'data-control': `${block.block_id}/${element.action_id}`,
      'data-action-id': element.action_id,
      'aria-label': element.accessibility_label,
      onclick: async () => {
        if (!(await confirmed(element.confirm))) return;
        if (/^https?:/i.test(element.url ?? '')) window.open(element.url, '_blank', 'noopener');
        await busy(node, () => use(orderOf(block, element)));
      },
    },
    textObject(element.text),
  );
  return node;
}

export function optionsOf(element) {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options ?? []);
}

function choices(element) {
  if (element.type === 'users_select')
    return [...store.people.values()].filter((each) => !each.is_bot && !each.deleted).map((each) => [each.id, each.real_name]);
  return optionsOf(element).map((each) => [each.value, textString(each.text)]);
}

function select(block, element, use) {
  const head = el(
    'option',
    { value: '', disabled: true, selected: element.initial_option === undefined },
    element.placeholder === undefined ? 'Choose…' : textString(element.placeholder),
  );
  const chosen = element.initial_option?.value;
  const node = el(
    'select',
    {
      class: 'select',
      'aria-label': element.placeholder?.text ?? element.action_id,
      'data-control': `${block.block_id}/${element.action_id}`,
      onchange: async () => {
        if (await confirmed(element.confirm)) await busy(node, () => use({ ...orderOf(block, element), choose: node.value }));
      },
    },
    element.type === 'overflow' ? el('option', { value: '' }, '⋯') : head,
    choices(element).map(([value, text]) => el('option', { value, selected: value === chosen }, text)),
  );
  return node;
}

/** Any element of an actions block or an accessory. */
export function controlNode(block, element, use) {
  switch (element.type) {
    case 'button':
      return button(block, element, use);
    case 'static_select':
    case 'users_select':
    case 'overflow':
    case 'radio_buttons':
      return select(block, element, use);
    case 'image':
      return el('span', { class: 'image-stand-in', role: 'img', 'aria-label': element.alt_text }, element.alt_text);
    default:
      return el('span', { class: 'muted' }, `[${element.type}]`);
  }
}
