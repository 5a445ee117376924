/** The form that asks for a reason, or for a line. Pure. */
import type { ModalView, SectionBlock } from '@slack/types';
import { REASON } from './actions.ts';
import { plainText } from './buttons.ts';
import { cutText } from './cut.ts';
import { escapeLine } from './escape.ts';

export type ReasonAsk = {
  readonly title: string;
  readonly run: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly label: string;
  readonly submit?: string;
  /** What follows from it, before anything is asked for. */
  readonly means?: string;
  readonly optional?: boolean;
  readonly oneLine?: boolean;
};

function explanation(text: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: escapeLine(cutText(text, 1_000)), verbatim: true } };
}

/** Titles and buttons take 24 characters, the private metadata 3,000 (views reference); metadata that is cut would be unreadable, so it is the caller's to bound. */
export function reasonModal(ask: ReasonAsk): ModalView {
  return {
    type: 'modal',
    callback_id: ask.callbackId,
    private_metadata: ask.privateMetadata,
    title: plainText(ask.title, 24),
    submit: plainText(ask.submit ?? 'Send', 24),
    close: plainText('Go Back', 24),
    blocks: [
      ...(ask.means === undefined ? [] : [explanation(ask.means)]),
      {
        type: 'input',
        block_id: REASON.block,
        optional: ask.optional ?? false,
        label: plainText(ask.label, 2_000),
        element: { type: 'plain_text_input', action_id: REASON.action, multiline: ask.oneLine !== true, max_length: 1_000 },
      },
      { type: 'context', elements: [{ type: 'mrkdwn', text: cutText(escapeLine(ask.run), 200), verbatim: true }] },
    ],
  };
}
