/** The form that asks for a reason, for a line, for a code, or for a code beside one of the others. Pure. */
import type { InputBlock, ModalView } from '@slack/types';
import { CODE, REASON } from './actions.ts';
import { plainText } from './buttons.ts';
import { cutText } from './cut.ts';
import { escapeLine } from './escape.ts';

export type ReasonAsk = {
  readonly title: string;
  readonly run: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  /** Absent: no words are asked for. */
  readonly label?: string;
  readonly submit?: string;
  /** What follows from it, before anything is asked for. */
  readonly means?: string;
  readonly optional?: boolean;
  readonly oneLine?: boolean;
  /** What it is about, as mrkdwn that is escaped already: on a telephone the form hides the card. */
  readonly about?: string;
  /** A code of the second factor is wanted for it. */
  readonly code?: boolean;
};

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
      ...(ask.about === undefined ? [] : [said(ask.about)]),
      ...(ask.means === undefined ? [] : [explained(ask.means)]),
      ...(ask.label === undefined ? [] : [reasonField(ask.label, ask)]),
      ...(ask.code === true ? [codeField()] : []),
      { type: 'context', elements: [{ type: 'mrkdwn', text: cutText(escapeLine(ask.run), 200), verbatim: true }] },
    ],
  };
}

function said(text: string): ModalView['blocks'][number] {
  return { type: 'section', block_id: 'about', text: { type: 'mrkdwn', text: cutText(text, 2_900), verbatim: true } };
}

function explained(text: string): ModalView['blocks'][number] {
  return { type: 'section', text: { type: 'mrkdwn', text: escapeLine(cutText(text, 1_000)), verbatim: true } };
}

function reasonField(label: string, { optional, oneLine }: Pick<ReasonAsk, 'optional' | 'oneLine'>): InputBlock {
  return {
    type: 'input',
    block_id: REASON.block,
    optional: optional ?? false,
    label: plainText(label, 2_000),
    element: { type: 'plain_text_input', action_id: REASON.action, multiline: oneLine !== true, max_length: 1_000 },
  };
}

/** Slack hides nothing that is typed; a code is spent once it was accepted, and says nothing about the secret. */
function codeField(): InputBlock {
  return {
    type: 'input',
    block_id: CODE.block,
    optional: false,
    label: plainText('Code of your authenticator app', 2_000),
    hint: plainText('Six digits, under Keyturn. Each code counts once, and only for what stands above.', 2_000),
    element: { type: 'plain_text_input', action_id: CODE.action, multiline: false, max_length: 12 },
  };
}
