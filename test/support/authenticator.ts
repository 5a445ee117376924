/** An authenticator app, and a person at the keyboard of `keyturn factor`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The secret out of the address that was shown last, as an app reads it (RFC 4648, written here a second time). */
export function secretIn(said: string): Buffer {
  const text = [...said.matchAll(/otpauth:\/\/totp\/\S+secret=([A-Z2-7]+)/g)].at(-1)?.[1] ?? '';
  const bits = [...text].map((each) => BASE32.indexOf(each).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** Whether a code stands somewhere by itself; within longer numbers and sums any six digits come about by chance. */
export function holds(text: string, code: string): boolean {
  return new RegExp(`(?<![0-9A-Za-z+/])${code}(?![0-9A-Za-z+/])`).test(text);
}

/** What is typed at one question, given everything printed until then. */
export type Typed = (out: string) => string;

/** Runs a program to its end and answers its questions for codes; the input ends where no answer is left. */
export async function converse(
  program: readonly string[],
  world: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
  answers: readonly Typed[] = [],
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, program, { ...world, stdio: 'pipe' });
  const left = [...answers];
  const said = { out: '', err: '' };
  let asked = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
    for (; asked < (said.out.match(/^Code .*: $/gm) ?? []).length; asked += 1) {
      const answer = left.shift();
      if (answer === undefined) child.stdin.end();
      else child.stdin.write(`${answer(said.out)}\n`);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  await once(child, 'close');
  return { code: child.exitCode, ...said };
}
