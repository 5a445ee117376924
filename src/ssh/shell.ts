/**
 * One channel with a `/bin/sh -s` behind it that has been given the supervisor's text.
 *
 * Owns: the channel, and telling replies (stderr lines that begin with the nonce) from raw output (stdout behind the nonce line) and from
 * what startup files print. Leaves what the replies mean to its user.
 *
 * Invariants:
 * C1. Nothing a login shell or a command prints can pass for a reply: the nonce is random, one for each channel.
 * C2. `closed` comes once, last, and says whether the far end ended by itself (a status) or the connection went (none).
 */
import { randomBytes } from 'node:crypto';
import type { ClientChannel } from 'ssh2';
import { supervisorText } from './supervisor.ts';

export type ShellEnd = { readonly status: number | null };

export type Listener = {
  /** A reply, split at spaces. */
  reply(words: readonly string[]): void;
  /** Raw output, with the place of its first byte in the whole. False asks to wait; call `resume` when there is room. */
  output(chunk: Buffer, position: number): boolean;
  /** All raw output has come and the shell is ready for more (attempts only; other calls end with the channel). */
  whole?(): void;
  /** There is room again for `send`. */
  drained?(): void;
  /** Raw stderr behind the reply `began` of a probe. */
  error?(chunk: Buffer): boolean;
  closed(end: ShellEnd): void;
};

/** What `ready` says: the id of the store (null: none yet), and the process of the shell. */
export type Ready = { readonly anchor: string | null; readonly pid: string; readonly start: string };

export interface Shell {
  /** The shell's first reply, or what was printed instead of it before the channel closed. */
  readonly ready: Promise<Ready | { readonly said: string }>;
  listen(listener: Listener): void;
  /** Calls back once when the channel is closed. */
  onEnd(callback: () => void): void;
  write(text: string): void;
  /** Writes the last text; the shell ends when it has carried it out. */
  finish(text: string): void;
  /** Raw bytes for a command that reads the shell's input, and only once it has said that it does: a shell reads ahead, and what it has
   * read is lost to the command. False asks to wait for `drained`. */
  send(bytes: Buffer): boolean;
  resume(): void;
  /** Gives the shell back for another attempt; allowed only when `whole` and the last reply have come. */
  release(): void;
  /** Leaves the channel. Commands under the supervisor go on. */
  close(): void;
}

const MAX_NOISE = 64 * 1024;

/** `release` is told when the shell may be used again. */
export function createShell(channel: ClientChannel, release: (shell: Shell) => void): Shell {
  const nonce = randomBytes(12).toString('hex');
  const fresh = randomBytes(16).toString('hex');
  let settle: (ready: Ready | { said: string }) => void = () => undefined;
  const ready = new Promise<Ready | { said: string }>((resolve) => {
    settle = resolve;
  });
  const early: string[][] = [];
  let listener: Listener | null = null;
  let status: number | null = null;
  let noise = '';
  let over = false;

  const onReply = (words: string[]): void => {
    const [word, anchor = '-', pid = '', start = ''] = words;
    if (word === 'ready') settle({ anchor: anchor === '-' ? null : anchor, pid, start });
    else if (listener) listener.reply(words);
    else early.push(words);
  };
  const onNoise = (text: string): void => {
    if (noise.length < MAX_NOISE) noise += text;
  };
  const stdout = createRawReader(nonce, {
    noise: onNoise,
    raw(chunk, position) {
      if (listener && !listener.output(chunk, position)) channel.pause();
    },
    whole: () => listener?.whole?.(),
  });
  const stderr = createReplyReader(nonce, onReply, onNoise, (chunk) => {
    if (listener?.error && !listener.error(chunk)) channel.stderr.pause();
  });
  channel.on('data', stdout);
  channel.stderr.on('data', (chunk: Buffer) => stderr(chunk, listener?.error !== undefined));
  channel.on('exit', (code: number | null) => {
    status = code ?? -1;
  });
  channel.on('drain', () => listener?.drained?.());
  channel.on('error', () => undefined);
  channel.on('close', () => {
    over = true;
    settle({ said: noise });
    listener?.closed({ status });
  });
  channel.write(`N=${nonce} F=${fresh}\n${supervisorText}`);

  const shell: Shell = {
    ready,
    listen(given) {
      listener = given;
      for (const words of early.splice(0)) given.reply(words);
      if (over) given.closed({ status });
    },
    onEnd(callback) {
      if (over) callback();
      else channel.once('close', callback);
    },
    write: (text) => void channel.write(text),
    finish: (text) => void channel.end(text),
    send: (bytes) => channel.write(bytes),
    resume() {
      channel.resume();
      channel.stderr.resume();
    },
    release() {
      listener = null;
      release(shell);
    },
    close: () => channel.close(),
  };
  return shell;
}

type RawParts = { noise(text: string): void; raw(chunk: Buffer, position: number): void; whole(): void };

/**
 * Raw output begins behind a line of the nonce and the place of the first byte (on stdout too, since stderr may arrive later than it), and
 * ends with the channel, or, if that line ends in a tilde, with the nonce and a tilde. The last bytes of a chunk that may be the beginning of that wait for the next.
 */
function createRawReader(nonce: string, { noise, raw, whole }: RawParts): (chunk: Buffer) => void {
  const trailer = Buffer.from(`${nonce}~`);
  let held: Buffer = Buffer.alloc(0);
  let position = -1;
  let untilTrailer = false;
  const pass = (chunk: Buffer): void => {
    if (chunk.length === 0) return;
    position += chunk.length;
    raw(chunk, position - chunk.length);
  };
  const readRaw = (all: Buffer): void => {
    const at = untilTrailer ? all.indexOf(trailer) : -1;
    const until = at === -1 ? all.length - (untilTrailer ? trailerStart(all, trailer) : 0) : at;
    pass(all.subarray(0, until));
    held = Buffer.from(all.subarray(at === -1 ? until : at + trailer.length));
    if (at === -1) return;
    position = -1;
    whole();
  };
  const readMark = (all: Buffer): void => {
    const at = all.indexOf(`${nonce} `);
    const end = at === -1 ? -1 : all.indexOf(10, at);
    if (end === -1) {
      noise(all.toString());
      held = Buffer.from(all.subarray(-MAX_NOISE));
      return;
    }
    const [place, tilde] = all
      .subarray(at + nonce.length + 1, end)
      .toString()
      .split(' ');
    position = Number(place);
    untilTrailer = tilde === '~';
    held = Buffer.alloc(0);
    readRaw(all.subarray(end + 1));
  };
  return (chunk) => {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (position === -1) readMark(all);
    else readRaw(all);
  };
}

/** How many of the last bytes are a beginning of the trailer. */
function trailerStart(data: Buffer, trailer: Buffer): number {
  for (let length = Math.min(trailer.length - 1, data.length); length > 0; length -= 1) {
    if (data.subarray(data.length - length).equals(trailer.subarray(0, length))) return length;
  }
  return 0;
}

type ReplyReader = (chunk: Buffer, rawAfterBegan: boolean) => void;

function createReplyReader(
  nonce: string,
  reply: (words: string[]) => void,
  noise: (text: string) => void,
  raw: (chunk: Buffer) => void,
): ReplyReader {
  let rest: Buffer = Buffer.alloc(0);
  let open = false;
  return (chunk, rawAfterBegan) => {
    if (open) return raw(chunk);
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString();
      rest = rest.subarray(end + 1);
      // A startup file may have printed without a line end, so the nonce can stand anywhere in the line.
      const at = line.indexOf(`${nonce} `);
      if (at === -1) {
        noise(`${line}\n`);
        continue;
      }
      const words = line.slice(at + nonce.length + 1).split(' ');
      reply(words);
      if (rawAfterBegan && words[0] === 'began') {
        open = true;
        if (rest.length > 0) raw(rest);
        return;
      }
    }
    if (rest.length > MAX_NOISE) rest = rest.subarray(-1024);
  };
}
