/** The forms that ask for a reason, for a line of text or for a code: what they carry along, and how it comes back. Pure. */
import { z } from 'zod';
import { assertNever } from '../run/assert-never.ts';
import type { Choice } from '../run/events.ts';
import { choiceSchema } from '../run/events.ts';
import type { Intent } from '../run/intents.ts';
import { DECLINED, DONE } from '../run/state.ts';
import { CALLBACK, REASON, reasonModal } from './views/index.ts';

const about = { run: z.string(), channel: z.string(), thread: z.string().optional() };

/** Travels through Slack in `private_metadata`: 3,000 characters at most, and judged anew when it comes back. */
const errandSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reject'), request: z.string(), ...about }),
  z.strictObject({ kind: z.literal('settle'), trouble: z.string(), choice: choiceSchema, ...about }),
  z.strictObject({ kind: z.literal('cancel'), ...about }),
  /** What is overridden is the hold that was shown; what is given, the digest. */
  z.strictObject({ kind: z.literal('override'), hold: z.string(), ...about }),
  z.strictObject({ kind: z.literal('breakGlass'), request: z.string(), digest: z.string(), ...about }),
  /** What people were asked cannot be done, or is not so. */
  z.strictObject({ kind: z.literal('decline'), question: z.string(), ...about }),
  /** A line for a tool. */
  z.strictObject({ kind: z.literal('answer'), question: z.string(), ...about }),
  /** What the person was shown, and nothing else, is approved: `digest` is compared when it comes back. */
  z.strictObject({ kind: z.literal('approve'), request: z.string(), digest: z.string(), ...about }),
  /** An answer that a button gives, where a code is wanted with it. */
  z.strictObject({ kind: z.literal('say'), question: z.string(), word: z.enum(['done', 'y', 'n', 'enter']), ...about }),
]);

/** What a form is about, from the button to its return. */
export type Errand = z.infer<typeof errandSchema>;

export function writeErrand(errand: Errand): string {
  return JSON.stringify(errand);
}

export function readErrand(metadata: string): Errand | undefined {
  try {
    const parsed = errandSchema.safeParse(JSON.parse(metadata));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Whoever forbids, declines, skips or settles says why; stopping must be possible without a word. */
export function needsReason(errand: Errand): boolean {
  switch (errand.kind) {
    case 'reject':
    case 'decline':
    case 'answer':
    case 'override':
    case 'breakGlass':
      return true;
    case 'settle':
      return errand.choice !== 'abort';
    case 'cancel':
    case 'approve':
    case 'say':
      return false;
    default:
      return assertNever(errand);
  }
}

/** Retry, ask again and look again change nothing that a reason would explain, so they act at once. */
export function asksFirst(choice: Choice): boolean {
  return choice === 'skip' || choice === 'abort' || choice === 'settleDone' || choice === 'settleFailed';
}

/** What the form asks for, and to whom an answer goes. */
export function intentOf(errand: Errand, text: string): { readonly intent: Intent; readonly to?: 'tool' | 'people' } {
  switch (errand.kind) {
    case 'reject':
      return { intent: { kind: 'reject', request: errand.request, reason: text } };
    case 'settle':
      return { intent: { kind: 'settle', trouble: errand.trouble, choice: errand.choice, reason: text } };
    case 'cancel':
      return { intent: { kind: 'cancel', reason: text } };
    case 'override':
      return { intent: { kind: 'override', hold: errand.hold, reason: text } };
    case 'breakGlass':
      return { intent: { kind: 'breakGlass', request: errand.request, digest: errand.digest, reason: text } };
    case 'decline':
      return { intent: { kind: 'answer', question: errand.question, answer: DECLINED, note: text }, to: 'people' };
    case 'answer':
      return { intent: { kind: 'answer', question: errand.question, answer: text, note: '' }, to: 'tool' };
    case 'approve':
      return { intent: { kind: 'approve', request: errand.request, digest: errand.digest } };
    case 'say':
      return { intent: { kind: 'answer', question: errand.question, answer: SAID[errand.word], note: '' }, to: toOf(errand.word) };
    default:
      return assertNever(errand);
  }
}

/** What the buttons answer. */
const SAID = { done: DONE, y: 'y', n: 'n', enter: '' } as const;

/** A word for people is no line for a tool, and the other way round. */
function toOf(word: keyof typeof SAID): 'tool' | 'people' {
  return word === 'done' ? 'people' : 'tool';
}

/** `label`: what words are asked for; absent where none are. `means`: what follows from it, for what is not done every day. */
type Words = { readonly title: string; readonly label?: string; readonly submit: string; readonly means?: string };

/** Titles and buttons take 24 characters (views reference). */
function wordsOf(errand: Errand): Words {
  switch (errand.kind) {
    case 'reject':
      return { title: 'Reject this step', label: 'Why is it rejected? Everybody in the thread reads this.', submit: 'Reject' };
    case 'cancel':
      return { title: 'Cancel this run', label: 'Why? (optional)', submit: 'Cancel Run' };
    case 'settle':
      return settleWords(errand.choice);
    case 'override':
      return {
        title: 'Override the window',
        label: 'Why must it act now? Everybody in the thread reads this.',
        submit: 'Override',
        means:
          'The run begins to act in a freeze window of its cluster. What needs a second person still does. It is recorded and reviewed.',
      };
    case 'breakGlass':
      return {
        title: 'Break the glass',
        label: 'What is the emergency? Everybody in the thread and in the other channel reads this.',
        submit: 'Break Glass',
        means:
          'The step starts now without a second person, exactly as the card shows it. A second channel is told at once, the record keeps it for good, and it is listed until somebody else has reviewed it.',
      };
    case 'decline':
      return { title: 'Say why not', label: 'Why not? Everybody in the thread reads this.', submit: 'Send' };
    case 'answer':
      return {
        title: 'Answer the tool',
        label: 'The line that it gets. Everybody in the thread reads it: never a password or another secret.',
        submit: 'Send Line',
      };
    case 'approve':
      return { title: 'Approve with a code', submit: 'Approve' };
    case 'say':
      return { title: 'Answer with a code', submit: SUBMIT[errand.word] };
    default:
      return assertNever(errand);
  }
}

const SUBMIT = { done: 'Done', y: 'Send y', n: 'Send n', enter: 'Send an empty line' } as const;

function settleWords(choice: Choice): Words {
  switch (choice) {
    case 'skip':
      return { title: 'Skip this step', label: 'Why may the run go on without it?', submit: 'Skip Step' };
    case 'abort':
      return { title: 'Abort this run', label: 'Why? (optional)', submit: 'Abort Run' };
    case 'settleDone':
      return { title: 'Settle as done', label: 'How do you know that it was done?', submit: 'Settle as Done' };
    case 'settleFailed':
      return { title: 'Settle as failed', label: 'How do you know that it failed?', submit: 'Settle as Failed' };
    case 'retry':
    case 'askAgain':
    case 'lookAgain':
      return { title: 'Go on', label: 'Why? (optional)', submit: 'Go On' };
  }
}

/** `about`: what it is about, as the run has it; `code`: whether a code of the second factor is wanted for exactly that. */
export type Matter = { readonly about?: string; readonly code?: boolean };

export function modalFor(errand: Errand, { about, code }: Matter = {}): ReturnType<typeof reasonModal> {
  const { title, label, submit, means } = wordsOf(errand);
  const privateMetadata = writeErrand(errand);
  return reasonModal({
    title,
    ...(label === undefined ? {} : { label }),
    submit,
    ...(means === undefined ? {} : { means }),
    run: errand.run,
    callbackId: CALLBACK[errand.kind],
    privateMetadata,
    optional: !needsReason(errand),
    // A tool gets one line, and what is typed is sent as it is.
    oneLine: errand.kind === 'answer',
    ...(about === undefined ? {} : { about }),
    ...(code === undefined ? {} : { code }),
  });
}

/** What was typed, or what is wrong with it, keyed by the block that Slack shows it at. A line for a tool is taken as it is. */
export function textIn(
  errand: Errand,
  values: Readonly<Record<string, Readonly<Record<string, string>>>>,
): { readonly kind: 'text'; readonly text: string } | { readonly kind: 'missing'; readonly errors: Readonly<Record<string, string>> } {
  const typed = values[REASON.block]?.[REASON.action] ?? '';
  if (errand.kind === 'answer') return { kind: 'text', text: typed };
  const text = typed.trim();
  if (text !== '' || !needsReason(errand)) return { kind: 'text', text };
  return { kind: 'missing', errors: { [REASON.block]: 'Please write a reason; spaces alone are not one.' } };
}
