/** Builds elements. Text only ever goes in as text: nothing on this page is made from an HTML string. */

/** el('button', { class: 'x', onclick }, 'text', child, [more]) */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) set(node, key, value);
  node.append(...children.flat(Infinity).filter((each) => each !== undefined && each !== null && each !== false));
  return node;
}

function set(node, key, value) {
  if (value === undefined || value === null || value === false) return;
  if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
  else if (key === 'class') node.className = value;
  else if (key === 'value') node.value = value;
  else node.setAttribute(key, value === true ? '' : value);
}

const ICONS = {
  thread: 'M4 5h12a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1H9l-4 3v-3H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Z',
  close: 'm5 5 10 10M15 5 5 15',
  eye: 'M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5Zm8 2.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  send: 'm3 10 14-6-5 13-3-5.5L3 10Zm6 1.5L17 4',
  down: 'm6 8 4 4 4-4',
  lock: 'M6 9V7a4 4 0 1 1 8 0v2M5 9h10v7H5z',
  file: 'M6 3h6l3 3v11H6zM12 3v3h3',
  check: 'm4 10.5 4 4 8-9',
};

const NS = 'http://www.w3.org/2000/svg';

/** A drawing of [tag, attributes] shapes on a field of 20 by 20. */
export function svg(shapes, attributes) {
  const make = ([tag, props]) => {
    const node = document.createElementNS(NS, tag);
    for (const [key, value] of Object.entries(props)) node.setAttribute(key, value);
    return node;
  };
  const root = make(['svg', { viewBox: '0 0 20 20', focusable: 'false', ...attributes }]);
  root.append(...shapes.map(make));
  return root;
}

/** A line drawing, hidden from screen readers; whatever it means must also stand in words. */
export function icon(name) {
  return svg([['path', { d: ICONS[name] ?? '' }]], { class: 'icon', 'aria-hidden': 'true' });
}

let lastId = 0;
/** An id for aria references. */
export function uniqueId(prefix) {
  lastId += 1;
  return `${prefix}-${lastId}`;
}
