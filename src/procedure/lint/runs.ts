/** The programs that a script runs, without those that only run another: `sudo -u x stop` runs `stop`. */
import type { Command, Word } from '../shell/model.ts';
import { everyCommand, readScript } from '../shell/script.ts';

export type Run = {
  /** The last part of its path. */
  readonly program: string;
  readonly args: readonly Word[];
  /** Programs around it, such as `sudo` and `timeout`. */
  readonly through: readonly string[];
  readonly command: Command;
};

/** Everything that a script runs, in scripts that it hands to other shells too (`sh -c '…'`, `su -c`, `ssh`, `trap`, here-documents). */
export function runsIn(script: string, depth = 0): readonly Run[] {
  return everyCommand(readScript(script).commands).flatMap((command) => {
    const runs = runsOf(command);
    const handed = depth < DEEPEST ? runs.flatMap(scriptsHandedTo) : [];
    return [...runs, ...handed.flatMap((each) => runsIn(each, depth + 1))];
  });
}

const DEEPEST = 5;

function runsOf(command: Command): readonly Run[] {
  const run = unwrapped(command.words, [], command);
  if (run === undefined) return [];
  if (run.program !== 'find') return [run];
  const at = run.args.findIndex(({ text }) => /^-(exec|execdir|ok)$/.test(text));
  const inner = at < 0 ? undefined : unwrapped(run.args.slice(at + 1), ['find'], command);
  return inner === undefined ? [run] : [{ ...run, args: run.args.slice(0, at) }, inner];
}

/** What each takes before the command that it runs: options with a value of their own, and words. */
const wrappers: Readonly<Record<string, { readonly options?: string; readonly words?: number }>> = {
  sudo: { options: '-u -g -h -p -C -r -t -U -T -D -R' },
  doas: { options: '-u -C' },
  env: { options: '-u -C -S' },
  nohup: {},
  exec: { options: '-a' },
  command: {},
  builtin: {},
  nice: { options: '-n' },
  ionice: { options: '-c -n -p' },
  timeout: { options: '-s -k', words: 1 },
  xargs: { options: '-I -n -P -L -d -s -a -E' },
  setsid: {},
  time: {},
  stdbuf: { options: '-i -o -e' },
  chroot: { words: 1 },
  flock: { options: '-w -E', words: 1 },
  busybox: {},
};

function unwrapped(words: readonly Word[], through: readonly string[], command: Command): Run | undefined {
  const [first, ...rest] = words;
  if (first === undefined) return undefined;
  const program = first.text.split('/').at(-1) ?? '';
  const wrapper = Object.hasOwn(wrappers, program) ? wrappers[program] : undefined;
  const isQuestion = program === 'command' && /^-[vV]$/.test(rest[0]?.text ?? '');
  if (wrapper === undefined || isQuestion) return { program, args: rest, through, command };
  const inner = unwrapped(rest.slice(ownWords(rest, wrapper)), [...through, program], command);
  return inner ?? { program, args: rest, through, command };
}

function ownWords(rest: readonly Word[], { options = '', words = 0 }: { readonly options?: string; readonly words?: number }): number {
  let at = 0;
  for (; at < rest.length; at += 1) {
    const text = rest[at]?.text ?? '';
    if (text === '--') return at + 1 + words;
    if (options.split(' ').includes(text)) at += 1;
    else if (!text.startsWith('-') && !/^[A-Za-z_]\w*=/.test(text)) break;
  }
  return at + words;
}

const shells = ['sh', 'bash', 'dash', 'ksh', 'zsh', 'ash', 'su', 'runuser'];

/** Scripts that the program is given as text. */
function scriptsHandedTo({ program, args, command }: Run): readonly string[] {
  const texts = args.map(({ text }) => text);
  if (program === 'eval') return [texts.join(' ')];
  if (program === 'trap') return texts.slice(0, 1);
  if (program === 'ssh')
    return [
      texts.slice(texts.findIndex((text, index) => !text.startsWith('-') && !/^-[a-zA-Z]$/.test(texts[index - 1] ?? '')) + 1).join(' '),
    ];
  if (!shells.includes(program)) return [];
  const at = texts.findIndex((text) => /^(-[a-z]*c|--command)$/.test(text));
  const given = at < 0 ? undefined : texts[at + 1];
  const documents = command.redirects.flatMap(({ body }) => (body === undefined ? [] : [body.text]));
  return [...(given === undefined ? [] : [given]), ...documents];
}
