/** Calls about a command that asks: answers for its standard input, and its clock, which stands still while a person thinks. */
import { KeyturnError } from '../errors.ts';
import { quote } from '../quote.ts';
import type { AttemptId } from '../record/output.ts';
import { call, type Lost, lost, type Refused, type Answer as Reply } from './calls.ts';
import type { Connections } from './connections.ts';
import * as problems from './problems.ts';
import { attemptText } from './shell-text.ts';
import { answersText } from './supervisor-answers.ts';
import type { Target } from './target.ts';

/** One line for a command's standard input. */
export type Answer = {
  /** 1 for the first answer of an attempt, then 2, and so on: the command gets them in this order, whatever order they come in. */
  readonly number: number;
  /** Without a line end; it may hold secrets, and is never on a command line or in a file that others can read. */
  readonly text: string;
  /** The input ends behind this answer. With an empty text there is no line, only the end. */
  readonly close?: boolean;
  /**
   * Bytes of output, before masking, that the prompt of this answer was the last of: the command gets it only as long as it has printed no more.
   * The host decides that once, as late as it can.
   */
  readonly at?: number;
  /** Bytes of output, before masking, that whoever answers has heard: as long as the host has others, nothing is given and nothing decided. */
  readonly heard?: number;
  readonly anchor?: string;
};

/** None of them says that the command has read it: only the command's output can. */
export type Given =
  /** The host has it, from this call or an earlier one of the same number, and feeds it to the command once. */
  | { readonly kind: 'given' }
  /** With `at`: the command had gone on, and never gets this answer; its number is used up. */
  | { readonly kind: 'wentOn' }
  /** With `at`: the host has it and has not come to it; call again. */
  | { readonly kind: 'waiting' }
  /** With `heard`: there is output that whoever answers has not heard; call again. */
  | { readonly kind: 'behind' }
  /** Not taken: the attempt has ended or is being ended, or its input is closed. */
  | { readonly kind: 'over' }
  /** The attempt never began. */
  | { readonly kind: 'none' }
  | Lost
  /** The host was not reached or had no room: call again; or the attempt is not interactive. */
  | Refused;

export type Held = { readonly kind: 'held' | 'over' | 'none' } | Lost | Refused;
export type Released = { readonly kind: 'released' | 'over' | 'none' } | Lost | Refused;

const MAX_BYTES = 1024 * 1024;
/** What some program or other takes for the end of a line: Java's Scanner knows them all. */
const lineEnd = /[\n\r\u0085\u2028\u2029]/;

export async function giveAnswer(connections: Connections, target: Target, id: AttemptId, answer: Answer): Promise<Given> {
  checkAnswer(answer);
  const { number, at = '', heard = '' } = answer;
  const text = `K_NUMBER=${number} K_AT=${at} K_HEARD=${heard} K_ANSWER=${quote(fileText(answer))}\n`;
  const reply = await ask(connections, target, id, answer.anchor, `${text}k_give`);
  const word = reply.kind === 'answer' ? reply.word : '';
  switch (word) {
    case 'given':
    case 'wentOn':
    case 'waiting':
    case 'behind':
      return { kind: word };
    case 'deaf':
      return { kind: 'refused', why: problems.notInteractive(target) };
    default:
      return otherwise(target, reply);
  }
}

/** Stops the attempt's clock; stopping one that stands changes nothing. */
export async function holdClock(connections: Connections, target: Target, id: AttemptId, anchor: string | undefined): Promise<Held> {
  const reply = await ask(connections, target, id, anchor, 'k_hold');
  return reply.kind === 'answer' && reply.word === 'held' ? { kind: 'held' } : otherwise(target, reply);
}

/** Lets the attempt's clock go on; one that goes is left alone. */
export async function releaseClock(connections: Connections, target: Target, id: AttemptId, anchor: string | undefined): Promise<Released> {
  const reply = await ask(connections, target, id, anchor, 'k_release');
  return reply.kind === 'answer' && reply.word === 'released' ? { kind: 'released' } : otherwise(target, reply);
}

function ask(connections: Connections, target: Target, id: AttemptId, anchor: string | undefined, text: string): Promise<Reply | Refused> {
  return call(connections, target, `${attemptText(id, anchor)}k_more\n${answersText}${text}\n`);
}

function otherwise(target: Target, reply: Reply | Refused): { readonly kind: 'over' | 'none' } | Lost | Refused {
  if (reply.kind === 'refused') return reply;
  switch (reply.word) {
    case 'over':
    case 'none':
      return { kind: reply.word };
    case 'unwritable':
      return { kind: 'refused', why: problems.storeUnwritable(target, reply.detail) };
    default:
      return lost(target, reply);
  }
}

/** As the feeder on the host reads it. */
function fileText({ text, close = false }: Answer): string {
  if (!close) return `more\n${text}`;
  return text === '' ? 'eof' : `last\n${text}`;
}

function checkAnswer({ number, text, at = 0, heard = 0 }: Answer): void {
  if (!Number.isSafeInteger(number) || number < 1)
    throw new KeyturnError('ANSWER_NUMBER', `An answer has the number ${number}; they are counted from 1.`, 'the number of the answer');
  const odd = [at, heard].find((bytes) => !Number.isSafeInteger(bytes) || bytes < 0);
  if (odd !== undefined)
    throw new KeyturnError(
      'ANSWER_BYTES',
      `Answer ${number} is held to ${odd} bytes of output; that is no number of bytes.`,
      'what was heard',
    );
  const wrong = text.includes('\0') ? 'a NUL character' : lineEnd.test(text) ? 'a line end' : undefined;
  if (wrong !== undefined) {
    const message = `Answer ${number} holds ${wrong}; an answer is one line, and its end is added to it.`;
    throw new KeyturnError('ANSWER_LINE', message, 'the text of the answer: give each line as an answer of its own');
  }
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw new KeyturnError('ANSWER_LENGTH', `Answer ${number} has more than ${MAX_BYTES} bytes.`, 'the length of the answer');
}
