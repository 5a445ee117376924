/** Block Kit as DOM. A block that this page does not know says so instead of vanishing. */
import { controlNode } from './controls.js';
import { el, icon } from './dom.js';
import { drawn } from './emoji.js';
import { markdown } from './markdown.js';
import { mrkdwn, textObject } from './mrkdwn.js';
import { richText } from './rich-text.js';

function section(block, use) {
  const fields = (block.fields ?? []).map((field) => el('div', { class: 'field' }, textObject(field)));
  const body = el(
    'div',
    { class: 'section-body' },
    block.text && el('div', { class: 'text' }, textObject(block.text)),
    fields.length > 0 && el('div', { class: 'fields' }, fields),
  );
  const accessory = block.accessory && el('div', { class: 'accessory' }, controlNode(block, block.accessory, use));
  return el('div', { class: 'block section' }, body, accessory);
}

function context(block) {
  const parts = (block.elements ?? []).map((each) =>
    el('span', { class: 'context-part' }, each.type === 'image' ? `[${each.alt_text}]` : textObject(each)),
  );
  return el('div', { class: 'block context' }, parts);
}

/** The page loads nothing from elsewhere, so an image is its description. */
function image(block) {
  return el(
    'figure',
    { class: 'block image-block' },
    block.title && el('figcaption', {}, textObject(block.title)),
    el('div', { class: 'image-stand-in', role: 'img', 'aria-label': block.alt_text }, block.alt_text),
  );
}

function cell(value, at) {
  const content = value?.type === 'rich_text' ? richText(value) : drawn(String(value?.text ?? ''));
  return el(at === 0 ? 'th' : 'td', at === 0 ? { scope: 'col' } : {}, content);
}

function table(block) {
  const rows = (block.rows ?? []).map((row, at) =>
    el(
      'tr',
      {},
      row.map((value) => cell(value, at)),
    ),
  );
  return el('div', { class: 'block table-wrap' }, el('table', {}, rows));
}

const TASK = { pending: ['○', 'Pending'], in_progress: ['◐', 'In progress'], complete: ['✓', 'Complete'], error: ['✕', 'Error'] };

function task(block) {
  const [mark, word] = TASK[block.status] ?? TASK.pending;
  const more = [block.details, block.output].filter(Boolean).map(richText);
  return el(
    'li',
    { class: `task task-${block.status ?? 'pending'}` },
    el('span', { class: 'task-mark', 'aria-hidden': 'true' }, mark),
    el('div', { class: 'task-body' }, el('span', { class: 'task-title' }, block.title), el('span', { class: 'task-word' }, word), more),
  );
}

function plan(block) {
  return el(
    'div',
    { class: 'block plan' },
    el('div', { class: 'plan-title' }, block.title),
    el('ol', { class: 'tasks' }, (block.tasks ?? []).map(task)),
  );
}

/** One block. `use` carries out what is pressed in it. */
export function blockNode(block, use) {
  switch (block.type) {
    case 'section':
      return section(block, use);
    case 'header':
      return el('div', { class: 'block header', role: 'heading', 'aria-level': '3' }, textObject(block.text));
    case 'divider':
      return el('hr', { class: 'block' });
    case 'context':
      return context(block);
    case 'actions':
      return el(
        'div',
        { class: 'block actions' },
        (block.elements ?? []).map((each) => controlNode(block, each, use)),
      );
    case 'rich_text':
      return richText(block);
    case 'markdown':
      return el('div', { class: 'block markdown' }, markdown(block.text ?? ''));
    case 'image':
      return image(block);
    case 'table':
      return table(block);
    case 'plan':
      return plan(block);
    case 'task_card':
      return el('ol', { class: 'block tasks' }, task(block));
    case 'alert':
      return el('div', { class: `block alert alert-${block.level ?? 'default'}`, role: 'note' }, textObject(block.text));
    default:
      return el('div', { class: 'block muted' }, `[a ${block.type} block]`);
  }
}

/** A file as an entry that opens as plain text. */
export function fileNode(file) {
  const size = file.size < 1024 ? `${file.size} bytes` : `${Math.round(file.size / 102.4) / 10} KB`;
  return el(
    'a',
    { class: 'file', href: `/files/${file.id}`, target: '_blank', rel: 'noopener' },
    icon('file'),
    el('span', {}, el('strong', {}, file.title ?? file.name), el('span', { class: 'muted' }, `Text file, ${size}`)),
  );
}

/** Blocks where there are any, else the text. */
export function contentNodes(message, use) {
  const blocks = message.blocks ?? [];
  const text = blocks.length === 0 && message.text ? [el('div', { class: 'block text' }, mrkdwn(message.text))] : [];
  return [...text, ...blocks.map((block) => blockNode(block, use)), ...(message.files ?? []).map(fileNode)];
}
