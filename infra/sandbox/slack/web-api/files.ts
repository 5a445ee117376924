/** files.*: the upload in three steps. Sharing comes after the answer, as on Slack, where a scan runs in between. */
import type { Core } from '../core.ts';
import { list, str } from '../find.ts';
import type { Json, JsonObject, SlackFile } from '../model.ts';
import type { Args } from './args.ts';
import { asBot } from './chat.ts';
import { type Method, refuse, writableChannel } from './method.ts';

export function showFile(core: Core, file: SlackFile): JsonObject {
  const shares = Object.fromEntries(file.shares.map(({ channel, ...share }) => [channel, [share]]));
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    size: file.size,
    created: file.created,
    user: core.world.app.botUserId,
    mimetype: 'text/plain',
    filetype: 'text',
    mode: 'snippet',
    url_private: `${core.origin}/files/${file.id}`,
    permalink: `${core.origin}/files/${file.id}`,
    ...(file.shares.length === 0 ? {} : { shares: { public: shares } }),
  };
}

const getUploadUrl: Method = {
  scopes: ['files:write'],
  run(core, args) {
    const size = Number.parseInt(args.text('length'), 10);
    if (!args.has('filename') || !(size > 0)) return refuse('invalid_arguments');
    const id = core.world.nextId('F');
    const name = args.text('filename');
    core.world.files.set(id, { id, name, title: name, size, created: Math.floor(core.now() / 1000), shares: [] });
    return { ok: true, upload_url: `${core.origin}/upload/${id}`, file_id: id };
  },
};

const complete: Method = {
  scopes: ['files:write'],
  run(core, args) {
    const wanted = list(args.json('files'));
    const files = wanted.map((each) => core.world.files.get(str(each, 'id') ?? ''));
    if (files.length === 0 || files.some((file) => file?.content === undefined)) return refuse('file_not_found');
    const named = wanted.flatMap((each, at) => titled(core, files[at], each));
    if (args.has('channel_id')) {
      const channel = writableChannel(core.world, args.text('channel_id'));
      if (channel.kind === 'refused') return channel.answer;
      setImmediate(() => share(core, named, channel.value.id, args));
    }
    return { ok: true, files: named.map((file) => ({ id: file.id, title: file.title })) };
  },
};

function titled(core: Core, file: SlackFile | undefined, wanted: Json): readonly SlackFile[] {
  if (file === undefined) return [];
  const named = { ...file, title: str(wanted, 'title') ?? file.name };
  core.world.files.set(file.id, named);
  return [named];
}

function share(core: Core, files: readonly SlackFile[], channel: string, args: Args): void {
  const thread = args.has('thread_ts') ? { thread_ts: args.text('thread_ts') } : {};
  const shown = files.map((file) => showFile(core, file));
  const message = core.world.post(channel, {
    ...asBot(core),
    subtype: 'file_share',
    text: args.text('initial_comment'),
    files: shown,
    ...thread,
  });
  for (const file of files) core.world.files.set(file.id, { ...file, shares: [...file.shares, { channel, ts: message.ts, ...thread }] });
}

const info: Method = {
  scopes: ['files:read'],
  run(core, args) {
    const file = core.world.files.get(args.text('file'));
    return file === undefined ? refuse('file_not_found') : { ok: true, file: showFile(core, file) };
  },
};

export const FILES: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': getUploadUrl,
  'files.completeUploadExternal': complete,
  'files.info': info,
};
