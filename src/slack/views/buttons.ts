/** Buttons with their words and their limits: 75 characters of text, 2,000 of value (block kit reference, button). Pure. */
import type { Button, ConfirmationDialog } from '@slack/types';
import type { Choice } from '../../run/events.ts';
import { ACTION, SETTLE_PREFIX } from './actions.ts';
import { cutText } from './cut.ts';
import { oneLine } from './visible.ts';

export function button(action: string, text: string, value: string, style?: 'primary' | 'danger', confirm?: ConfirmationDialog): Button {
  return {
    type: 'button',
    action_id: action,
    text: plainText(text, 75),
    value: cutText(value, 2_000),
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined ? {} : { confirm }),
  };
}

/** The question before something that cannot be taken back. */
export function confirm(title: string, text: string, yes: string): ConfirmationDialog {
  return {
    title: plainText(title, 100),
    text: plainText(text, 300),
    confirm: plainText(yes, 30),
    deny: plainText('Go Back', 30),
    style: 'danger',
  };
}

export function plainText(text: string, longest: number): { type: 'plain_text'; text: string; emoji: boolean } {
  const line = cutText(oneLine(text), longest);
  return { type: 'plain_text', text: line === '' ? '(no text)' : line, emoji: false };
}

/** Pause or Resume, and Cancel. */
export function controls(run: string, paused: boolean): readonly Button[] {
  const ask = confirm(
    'Cancel this run?',
    'What runs is ended on its host, and nothing more is started. It cannot be resumed.',
    'Cancel Run',
  );
  return [
    paused ? button(ACTION.resume, 'Resume', run) : button(ACTION.pause, 'Pause', run),
    button(ACTION.cancel, 'Cancel', run, 'danger', ask),
  ];
}

export function settleButton(choice: Choice, label: string, value: string): Button {
  if (choice !== 'abort') return button(`${SETTLE_PREFIX}${choice}`, label, value);
  const ask = confirm(
    'Abort this run?',
    'The run ends here. What still runs, or may, is ended on its host first; what was done stays done.',
    'Abort Run',
  );
  return button(`${SETTLE_PREFIX}${choice}`, label, value, 'danger', ask);
}
