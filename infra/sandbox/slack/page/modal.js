/** Modals: one dialog for the view on top. What was typed survives an update by the app, field by field. */
import { blockNode } from './blocks.js';
import { optionsOf } from './controls.js';
import { el, icon, uniqueId } from './dom.js';
import { textObject, textString } from './mrkdwn.js';
import { notice } from './notice.js';
import { act, store } from './store.js';

let shown;

/** Shows the topmost open view, or none. */
export function showModal() {
  const top = store.views.at(-1);
  if (shown?.id === top?.id && shown?.hash === top?.hash) return;
  const typed = shown !== undefined && shown.id === top?.id ? readValues(shown.dialog) : {};
  shown?.dialog.remove();
  shown = top === undefined ? undefined : { id: top.id, hash: top.hash, dialog: dialogFor(top, typed) };
  if (shown === undefined) return;
  document.body.append(shown.dialog);
  shown.dialog.showModal();
  shown.dialog.querySelector('.field-input:not([disabled])')?.focus();
}

function dialogFor({ id, view }, typed) {
  const title = uniqueId('modal');
  const close = () => act('close-view', { viewId: id }).catch((error) => notice(error.message));
  const cancel = (event) => {
    event.preventDefault();
    void close();
  };
  const form = el(
    'form',
    { class: 'modal-form', novalidate: true, onsubmit: (event) => submit(event, id, form) },
    el(
      'div',
      { class: 'modal-blocks' },
      (view.blocks ?? []).map((block) => modalBlock(block, typed, formNode)),
    ),
    el(
      'div',
      { class: 'dialog-foot' },
      el('button', { type: 'button', class: 'button', onclick: close }, view.close ? textObject(view.close) : 'Cancel'),
      view.submit && el('button', { type: 'submit', class: 'button primary' }, textObject(view.submit)),
    ),
  );
  function formNode() {
    return form;
  }
  return el(
    'dialog',
    { class: 'dialog', 'data-testid': 'modal', 'aria-labelledby': title, oncancel: cancel },
    el(
      'header',
      { class: 'dialog-head' },
      el('img', { class: 'avatar small', src: '/icon.svg', alt: '' }),
      el('h2', { id: title }, textObject(view.title)),
      el('button', { type: 'button', class: 'tool', 'aria-label': 'Close', onclick: close }, icon('close')),
    ),
    form,
  );
}

function modalBlock(block, typed, form) {
  if (block.type === 'input') return input(block, typed);
  return blockNode(block, (order) => act('press', { ...order, values: readValues(form()) }).catch((error) => notice(error.message)));
}

function input(block, typed) {
  const field = uniqueId('field');
  const hint = uniqueId('hint');
  const error = uniqueId('error');
  const element = block.element;
  const group = ['radio_buttons', 'checkboxes'].includes(element.type);
  const label = [textObject(block.label), block.optional && el('span', { class: 'muted' }, ' (optional)')];
  const described = { 'aria-describedby': `${error} ${hint}` };
  const control = group ? choicesNode(element, typed, field) : fieldNode(element, typed, { id: field, ...described });
  const body = [
    control,
    block.hint && el('p', { class: 'field-hint', id: hint }, textObject(block.hint)),
    el('p', { class: 'field-error', id: error, role: 'alert', hidden: true }),
  ];
  const props = { class: 'field-block', 'data-block-id': block.block_id };
  return group
    ? el('fieldset', { ...props, ...described }, el('legend', {}, label), body)
    : el('div', props, el('label', { for: field }, label), body);
}

function fieldNode(element, typed, props) {
  const value =
    typed[element.action_id] ??
    element.initial_value ??
    element.initial_option?.value ??
    element.initial_date ??
    element.initial_user ??
    '';
  const common = {
    ...props,
    class: 'field-input',
    'data-action-id': element.action_id,
    maxlength: element.max_length,
    placeholder: element.placeholder?.text,
  };
  if (element.type === 'plain_text_input') {
    return element.multiline
      ? el('textarea', { ...common, rows: '4', value })
      : el('input', { ...common, type: 'text', autocomplete: 'off', value });
  }
  if (element.type === 'datepicker') return el('input', { ...common, type: 'date', value });
  if (element.type === 'number_input') return el('input', { ...common, type: 'number', value });
  return selectNode(element, value, common);
}

function selectNode(element, value, common) {
  const people = [...store.people.values()].filter((each) => !each.is_bot && !each.deleted).map((each) => [each.id, each.real_name]);
  const choices = element.type === 'users_select' ? people : optionsOf(element).map((each) => [each.value, textString(each.text)]);
  const head = el('option', { value: '', selected: value === '' }, element.placeholder ? textString(element.placeholder) : 'Choose…');
  return el(
    'select',
    common,
    head,
    choices.map(([id, text]) => el('option', { value: id, selected: id === value }, text)),
  );
}

function choicesNode(element, typed, name) {
  const radio = element.type === 'radio_buttons';
  const initial = radio ? [element.initial_option?.value] : (element.initial_options ?? []).map((each) => each.value);
  const chosen = [typed[element.action_id] ?? initial].flat();
  return el(
    'div',
    { class: 'choices' },
    optionsOf(element).map((each) =>
      el(
        'label',
        { class: 'choice' },
        el('input', {
          type: radio ? 'radio' : 'checkbox',
          name,
          value: each.value,
          checked: chosen.includes(each.value),
          'data-action-id': element.action_id,
          class: 'field-input',
        }),
        el('span', {}, textObject(each.text), each.description && el('span', { class: 'muted choice-more' }, textObject(each.description))),
      ),
    ),
  );
}

/** action_id → text, or the list of ticked values. */
function readValues(root) {
  const values = {};
  for (const node of root.querySelectorAll('[data-action-id].field-input')) {
    const id = node.getAttribute('data-action-id');
    if (node.type === 'checkbox') values[id] = [...(values[id] ?? []), ...(node.checked ? [node.value] : [])];
    else if (node.type !== 'radio') values[id] = node.value;
    else if (node.checked) values[id] = node.value;
  }
  return values;
}

async function submit(event, viewId, form) {
  event.preventDefault();
  const button = form.querySelector('[type=submit]');
  button.disabled = true;
  try {
    const outcome = await act('submit', { viewId, values: readValues(form) });
    showErrors(form, outcome.kind === 'errors' ? outcome.errors : {});
    if (outcome.kind === 'failed') notice('We had some trouble connecting. Try again?');
  } catch (error) {
    notice(error.message);
  } finally {
    button.disabled = false;
  }
}

function showErrors(form, errors) {
  for (const block of form.querySelectorAll('.field-block')) {
    const text = errors[block.getAttribute('data-block-id')];
    const note = block.querySelector('.field-error');
    note.textContent = text ?? '';
    note.hidden = text === undefined;
    for (const field of block.querySelectorAll('.field-input')) field.setAttribute('aria-invalid', String(text !== undefined));
  }
  form.querySelector('[aria-invalid=true]')?.focus();
}
