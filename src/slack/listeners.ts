/** What Bolt calls: each listener parses its payload, hands it on and answers. Nothing here rejects. */
import type { App, RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { onClick, onSubmission } from './actions.ts';
import { ACK_MS, answerClick, answerCommand, answerForm, type Line } from './answer.ts';
import { runCommand } from './commands/run-command.ts';
import type { Inflight } from './inflight.ts';
import { redact } from './log.ts';
import type { Office } from './office.ts';
import { onParams } from './params-form.ts';
import { onMention } from './mentions.ts';
import { readClick, readCommand, readMention, readReply, readSubmission, type Submission } from './payloads.ts';
import { CALLBACK, type Content } from './views/index.ts';
import { onReply } from './notes.ts';
import { MENTION_EVENT, MESSAGE_EVENT } from './web.ts';

export type Handlers = {
  readonly office: Office;
  readonly web: WebClient;
  readonly inflight: Inflight;
  readonly log: Logger;
  /** Keyturn's own user id. */
  readonly bot: string;
};

/** One listener for each kind of payload; an unknown command, button or form would otherwise never be acknowledged. */
export function listen(app: App, handlers: Handlers): void {
  const { office, inflight, log } = handlers;
  app.command(/.*/, async ({ body, ack, respond }) => {
    const asked = readCommand(body);
    if (asked === undefined) return unread(ack, log, 'command');
    const line: Line = {
      ack: (content) =>
        quietly(ack(content === undefined ? undefined : { response_type: 'ephemeral', ...content }), log, 'acknowledge a command'),
      tell: (content) => tell(handlers, { ...asked, thread: undefined }, respond, content),
    };
    await inflight.track(answerCommand(runCommand(office, asked), line, log));
  });
  app.action(/.*/, async ({ body, ack, respond }) => {
    const click = readClick(body);
    if (click === undefined) return unread(ack, log, 'button');
    const line: Line = {
      ack: () => quietly(ack(), log, 'acknowledge a click'),
      tell: (content) => tell(handlers, click, respond, content),
    };
    await inflight.track(answerClick(onClick(office, click), line, log));
  });
  app.view(/.*/, async ({ body, ack }) => {
    const submission = readSubmission(body);
    if (submission === undefined) return unread(ack, log, 'form');
    await inflight.track(submitted(handlers, submission, (response) => quietly(ack(response), log, 'acknowledge a form')));
  });
  // Bolt has acknowledged an event before it calls anybody: who gets no answer writes again.
  app.event(MENTION_EVENT, async ({ body }) => {
    const mention = readMention(body);
    if (mention === undefined) return unread(async () => undefined, log, 'mention');
    const line: Line = { ack: async () => undefined, tell: (content) => tell(handlers, mention, undefined, content) };
    await inflight.track(answerForm(onMention(office, mention, handlers.bot), line, log));
  });
  // Most messages are none of Keyturn's business, and say so by their form.
  app.event(MESSAGE_EVENT, async ({ body }) => {
    const reply = readReply(body);
    if (reply !== undefined) await inflight.track(onReply(office, reply, handlers.bot));
  });
}

type FormErrors = { readonly response_action: 'errors'; readonly errors: Record<string, string> };

async function submitted(handlers: Handlers, submission: Submission, ack: (response?: FormErrors) => Promise<void>): Promise<void> {
  const { office, log } = handlers;
  const began = performance.now();
  const result = submission.callback === CALLBACK.params ? onParams(office, submission) : await onSubmission(office, submission);
  const line = (place: { readonly channel: string; readonly thread?: string | undefined }): Line => ({
    ack: () => ack(),
    tell: (content) => tell(handlers, { user: submission.user, channel: place.channel, thread: place.thread }, undefined, content),
  });
  switch (result.kind) {
    case 'ask':
      return ack({ response_action: 'errors', errors: { ...result.errors } });
    case 'unreadable':
      log.warn({ callback: submission.callback }, 'a form came back that this release does not know');
      return ack();
    case 'act':
      // Of the time that Slack gives, checking a code has taken some.
      return answerClick(result.work, line(result.errand), log, Math.max(ACK_MS - (performance.now() - began), 0));
    case 'order':
      return answerForm(result.work, line(result.order), log);
  }
}

type Person = { readonly user: string; readonly channel: string | undefined; readonly thread: string | undefined };

/** Privately, by the answer address of the payload; where that is spent, gone or missing, by an ephemeral message. */
async function tell({ web, log }: Handlers, to: Person, respond: RespondFn | undefined, content: Content): Promise<void> {
  const thread = to.thread === undefined ? {} : { thread_ts: to.thread };
  try {
    if (respond === undefined) throw new Error('this payload carries no answer address');
    await respond({ response_type: 'ephemeral', replace_original: false, ...thread, ...content });
  } catch (error) {
    if (to.channel === undefined) return log.warn({ error: redact(String(error)) }, 'a private answer could not be given');
    await quietly(web.chat.postEphemeral({ channel: to.channel, user: to.user, ...thread, ...content }), log, 'give a private answer');
  }
}

/** The connection that brought it may be gone; the work behind it is not (invariant 2 of `answer.ts`). */
async function quietly(work: Promise<unknown>, log: Logger, what: string): Promise<void> {
  await work.catch((error: unknown) =>
    log.warn({ error: redact(error instanceof Error ? error.message : String(error)) }, `could not ${what} in Slack`),
  );
}

async function unread(ack: () => Promise<void>, log: Logger, what: string): Promise<void> {
  log.warn(`a ${what} came from Slack in a form that Keyturn does not know; nothing was done`);
  await quietly(ack(), log, `acknowledge a ${what}`);
}
