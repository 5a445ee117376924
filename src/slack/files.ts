/** A file into a thread, by the three calls that Slack wants for it (files.getUploadURLExternal, the upload, files.completeUploadExternal). */
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { KeyturnError } from '../errors.ts';
import { sayFailure, webFailure } from './failure.ts';

export type Upload = {
  readonly channel: string;
  /** `ts` of the thread's first message. */
  readonly thread: string;
  readonly name: string;
  readonly title: string;
  /** At least one byte: Slack takes no empty file. */
  readonly content: Buffer;
  /** mrkdwn, escaped. */
  readonly comment: string;
};

export type Uploader = (upload: Upload) => Promise<void>;

const UPLOAD_MS = 60_000;
const urlSchema = z.looseObject({ upload_url: z.url(), file_id: z.string() });

/** Never retries: what was lost on the way may stand in the thread. Throws KeyturnError SLACK_UPLOAD_FAILED. */
export function createUploader(client: WebClient): Uploader {
  return (order) => upload(client, order).catch(refused);
}

async function upload(client: WebClient, order: Upload): Promise<void> {
  await share(client, { ...order, file: await bring(client, order) });
}

/**
 * The first two calls: Slack has the bytes, and nobody sees them. Gives the file's id. Fails as the Web API does, or with KeyturnError
 * SLACK_UPLOAD_FAILED where the bytes did not get there.
 */
export async function bring(client: WebClient, { name, content }: Pick<Upload, 'name' | 'content'>, stop?: AbortSignal): Promise<string> {
  const place = await client.files.getUploadURLExternal({ filename: name, length: content.length });
  const { upload_url: url, file_id: id } = urlSchema.parse(place);
  await send(url, content, stop);
  return id;
}

/** The third: from here on it may stand in the thread. */
export async function share(
  client: WebClient,
  { file, channel, thread, title, comment }: Omit<Upload, 'name' | 'content'> & { readonly file: string },
): Promise<void> {
  await client.files.completeUploadExternal({
    files: [{ id: file, title }],
    channel_id: channel,
    thread_ts: thread,
    initial_comment: comment,
  });
}

/** The address is a secret of its own: it is named in no error. */
async function send(url: string, content: Buffer, stop?: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([AbortSignal.timeout(UPLOAD_MS), ...(stop === undefined ? [] : [stop])]);
  const answer = await fetch(url, { method: 'POST', body: new Uint8Array(content), signal }).catch(() => undefined);
  if (answer?.ok === true) return;
  throw failed(
    answer === undefined
      ? 'Slack’s upload address was not reached, or took longer than a minute'
      : `the upload was answered with status ${answer.status}`,
  );
}

function refused(error: unknown): never {
  if (error instanceof KeyturnError) throw error;
  const failure = webFailure(error);
  throw failed(sayFailure(failure), failure.kind === 'said' && failure.code === 'missing_scope');
}

function failed(why: string, wantsScope = false): KeyturnError {
  const scope = 'that the app has the scope files:write: api.slack.com/apps → your app → OAuth & Permissions, then Reinstall to Workspace.';
  const again = 'whether the file stands in the thread; if not, write the command again, or use keyturn export on Keyturn’s machine.';
  return new KeyturnError('SLACK_UPLOAD_FAILED', `The file could not be put into the thread: ${why}.`, wantsScope ? scope : again);
}
