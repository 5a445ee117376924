/**
 * Emoji by shortcode. Those that tell a state are drawn here, so that they look the same on a machine without an emoji font; the rest are
 * characters. An unknown shortcode stays as written.
 */
import { svg } from './dom.js';

const CHARACTERS = {
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  rotating_light: '🚨',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  lock: '🔒',
  unlock: '🔓',
  key: '🔑',
  eyes: '👀',
  thumbsup: '👍',
  '+1': '👍',
  '-1': '👎',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  large_green_circle: '🟢',
  large_yellow_circle: '🟡',
  large_orange_circle: '🟠',
  red_circle: '🔴',
  large_blue_circle: '🔵',
  white_circle: '⚪',
  arrow_forward: '▶️',
  arrows_counterclockwise: '🔄',
  repeat: '🔁',
  double_vertical_bar: '⏸️',
  black_square_for_stop: '⏹️',
  fast_forward: '⏩',
  information_source: 'ℹ️',
  question: '❓',
  grey_question: '❔',
  exclamation: '❗',
  bell: '🔔',
  mega: '📣',
  loudspeaker: '📢',
  memo: '📝',
  scroll: '📜',
  clipboard: '📋',
  gear: '⚙️',
  wrench: '🔧',
  computer: '💻',
  rocket: '🚀',
  tada: '🎉',
  fire: '🔥',
  zap: '⚡',
  link: '🔗',
  stopwatch: '⏱️',
  calendar: '📅',
  mag: '🔍',
  shield: '🛡️',
  pushpin: '📌',
  wave: '👋',
  point_right: '👉',
};

const path = (d, stroke, width = 2.4) => [
  'path',
  { d, fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' },
];
const solid = (d, fill) => ['path', { d, fill }];
const tile = (fill) => ['rect', { x: 1.5, y: 1.5, width: 17, height: 17, rx: 4, fill }];
const dot = (fill) => [['circle', { cx: 10, cy: 10, r: 8, fill }]];
const sand = [solid('M5 2h10v3l-3.6 5 3.6 5v3H5v-3l3.6-5L5 5z', '#d9a23d'), solid('M7 5h6l-3 4zM10 11.5 13.4 16H6.6z', '#fff4d6')];

/** Shapes on a field of 20 by 20. */
const DRAWINGS = {
  white_check_mark: [tile('#2e9e6b'), path('m5.8 10.4 3 3 5.4-6.6', '#fff')],
  heavy_check_mark: [path('m4 10.5 4 4 8-9', '#2e9e6b', 3)],
  x: [path('m4.5 4.5 11 11m0-11-11 11', '#d3304f', 3.4)],
  warning: [solid('M10 1.8 19 18H1z', '#f2b92e'), path('M10 7.5v4.6m0 3v.1', '#43350a', 2)],
  hourglass: sand,
  hourglass_flowing_sand: sand,
  lock: [path('M6.5 9V6.5a3.5 3.5 0 0 1 7 0V9', '#8d8f94', 2), ['rect', { x: 4, y: 8.6, width: 12, height: 9.4, rx: 2, fill: '#e3a92c' }]],
  unlock: [path('M6.5 9V6a3.5 3.5 0 0 1 6.8-1', '#8d8f94', 2), ['rect', { x: 4, y: 8.6, width: 12, height: 9.4, rx: 2, fill: '#e3a92c' }]],
  key: [
    ['circle', { cx: 6, cy: 10, r: 3.4, fill: 'none', stroke: '#d39a1e', 'stroke-width': 2.4 }],
    path('M9.5 10H18m-2 0v3m-3.4-3v2.4', '#d39a1e'),
  ],
  no_entry: [...dot('#d3304f'), path('M6 10h8', '#fff', 3)],
  no_entry_sign: [
    ['circle', { cx: 10, cy: 10, r: 7.2, fill: 'none', stroke: '#d3304f', 'stroke-width': 2.6 }],
    path('m5 5 10 10', '#d3304f', 2.6),
  ],
  octagonal_sign: [solid('M6.7 2h6.6L18 6.7v6.6L13.3 18H6.7L2 13.3V6.7z', '#d3304f')],
  large_green_circle: dot('#2e9e6b'),
  large_yellow_circle: dot('#f2c230'),
  large_orange_circle: dot('#ee8b2d'),
  red_circle: dot('#d3304f'),
  large_blue_circle: dot('#2f7fd1'),
  white_circle: [['circle', { cx: 10, cy: 10, r: 7.4, fill: 'none', stroke: '#9a9ca1', 'stroke-width': 1.6 }]],
  arrow_forward: [tile('#3b82c4'), solid('M7 5.6 14.6 10 7 14.4z', '#fff')],
  double_vertical_bar: [tile('#3b82c4'), path('M7.6 6v8m4.8-8v8', '#fff')],
  black_square_for_stop: [tile('#3b82c4'), solid('M6.4 6.4h7.2v7.2H6.4z', '#fff')],
  arrows_counterclockwise: [
    tile('#3b82c4'),
    path('M14 8a4.4 4.4 0 0 0-8-.6M6 12a4.4 4.4 0 0 0 8 .6M6 5v2.6h2.6M14 15v-2.6h-2.6', '#fff', 1.6),
  ],
  information_source: [tile('#3b82c4'), path('M10 9.4v5m0-8.4v.1', '#fff', 2.2)],
  eyes: [
    ['ellipse', { cx: 6, cy: 10, rx: 3.6, ry: 5, fill: '#fff', stroke: '#55575c' }],
    ['ellipse', { cx: 14, cy: 10, rx: 3.6, ry: 5, fill: '#fff', stroke: '#55575c' }],
    ['circle', { cx: 5, cy: 11, r: 1.7, fill: '#3a2a20' }],
    ['circle', { cx: 13, cy: 11, r: 1.7, fill: '#3a2a20' }],
  ],
  bell: [solid('M10 2a5 5 0 0 1 5 5v4l2 3H3l2-3V7a5 5 0 0 1 5-5zM8 15.5h4a2 2 0 0 1-4 0z', '#e3a92c')],
};

const BY_CHARACTER = new Map(Object.entries(CHARACTERS).map(([name, character]) => [character.replace('\uFE0F', ''), name]));
const KNOWN = new RegExp(`(?:${[...BY_CHARACTER.keys()].join('|')})\\uFE0F?`, 'gu');

/** A drawing or a character; undefined for an unknown shortcode. */
export function emoji(name) {
  const shapes = DRAWINGS[name];
  return shapes === undefined ? CHARACTERS[name] : svg(shapes, { class: 'emoji', role: 'img', 'aria-label': name.replaceAll('_', ' ') });
}

/** The character only, for places that hold nothing but text. */
export function character(name) {
  return CHARACTERS[name];
}

/** Text with emoji characters drawn where there is a drawing. */
export function drawn(text) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(KNOWN)) {
    nodes.push(text.slice(from, match.index), emoji(BY_CHARACTER.get(match[0].replace('\uFE0F', ''))));
    from = match.index + match[0].length;
  }
  return [...nodes, text.slice(from)];
}
