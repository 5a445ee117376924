/**
 * Answers in time. Slack waits three seconds for an acknowledgement and shows the person an error otherwise, so:
 *
 * 1. Whatever takes longer than `ACK_MS` is acknowledged with a word that it goes on, and answered by `respond` when it is done.
 * 2. Work never stops because an acknowledgement failed: what it wrote is durable, and the thread shows it.
 * 3. A failed answer is logged in one sentence; it never ends the process.
 */
import type { Logger } from 'pino';
import { KeyturnError } from '../errors.ts';
import { redact } from './log.ts';
import { note } from './note.ts';
import type { Content } from './views/index.ts';
import { within } from './waiting.ts';

/** What a command comes to. */
export type Answer =
  /** No content: what the person sees is a form. */
  | { readonly kind: 'now'; readonly content: Content | undefined }
  /** Acknowledged with `meanwhile` at once; `work` may take as long as hosts take, and be said in several messages. */
  | { readonly kind: 'later'; readonly meanwhile: Content; readonly work: Promise<readonly Content[]> };

/** The ways back to the person who asked. Each may fail; `tell` tries all that there are. */
export type Line = {
  ack(content: Content | undefined): Promise<void>;
  tell(content: Content): Promise<void>;
};

/** Leaves room for the way back to Slack, of its three seconds. */
export const ACK_MS = 2_000;

const SLOW = note('Keyturn is still at it; the answer follows here. If none comes, `/ha status` shows what has begun.');

/** Answers one command. Resolves when the last word is said; never rejects. */
export async function answerCommand(work: Promise<Answer>, line: Line, log: Logger): Promise<void> {
  const safe = work.catch((error: unknown): Answer => ({ kind: 'now', content: apology(error, log) }));
  const first = await within(safe, ACK_MS);
  if (first.kind === 'late') {
    await line.ack(SLOW);
    return tellAll(await lastWords(await safe, log), line);
  }
  if (first.value.kind === 'now') return line.ack(first.value.content);
  // Asked for before the acknowledgement is awaited, so that a failure in between has somebody who hears of it.
  const last = lastWords(first.value, log);
  await line.ack(first.value.meanwhile);
  return tellAll(await last, line);
}

/** Answers one form that asked for something to be carried out: it closes, and what came of it is said in private. Never rejects. */
export async function answerForm(work: Promise<Answer>, line: Line, log: Logger): Promise<void> {
  const safe = work.catch((error: unknown): Answer => ({ kind: 'now', content: apology(error, log) }));
  await within(safe, ACK_MS);
  await line.ack(undefined);
  const answer = await safe;
  if (answer.kind === 'later') await line.tell(answer.meanwhile);
  return tellAll(await lastWords(answer, log), line);
}

/** In their order. */
async function tellAll(contents: readonly Content[], line: Line): Promise<void> {
  for (const content of contents) await line.tell(content);
}

async function lastWords(answer: Answer, log: Logger): Promise<readonly Content[]> {
  if (answer.kind === 'later') return answer.work.catch((error: unknown) => [apology(error, log)]);
  return answer.content === undefined ? [] : [answer.content];
}

/** Answers one click: acknowledged when it is done, or in time (`ackMs`); content is what the person must read. Never rejects. */
export async function answerClick(work: Promise<Content | undefined>, line: Line, log: Logger, ackMs = ACK_MS): Promise<void> {
  const safe = work.catch((error: unknown) => apology(error, log));
  await within(safe, ackMs);
  await line.ack(undefined);
  const content = await safe;
  if (content !== undefined) await line.tell(content);
}

/** What a person reads when it could not be done. What we did not foresee is for the log, not for them. */
export function apology(error: unknown, log: Logger): Content {
  if (error instanceof KeyturnError) {
    log.warn({ code: error.code }, redact(error.message));
    return note([`That could not be done: ${error.message}`, `Check: ${error.check}`]);
  }
  const what = error instanceof Error ? redact(error.stack ?? error.message) : redact(String(error));
  log.error({ error: what }, 'a request from Slack failed in a way that nobody foresaw');
  return note(
    'That could not be done, because of a fault in Keyturn itself. `/ha status` shows what has begun; the log of Keyturn says more.',
  );
}
