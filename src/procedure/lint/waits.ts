import { secondsOf } from '../duration.ts';
import { scriptsOf } from '../parts.ts';
import { below } from '../place.ts';
import type { Command, Compound, Script } from '../shell/model.ts';
import { everyCommand, readScript } from '../shell/script.ts';
import { alarm, type StepRule } from './alarm.ts';
import { runsIn } from './runs.ts';

const day = 86_400;
/** The longest that a vendor speaks of is a replication of some days. */
const longestWait = 7 * day;
const longestCommand = 14 * day;

/** A wait that ends when everybody has forgotten it, or never. */
export const waits: StepRule = (_whole, step) => {
  if (step.kind !== 'command') return [];
  const { timeout, until } = step.source;
  const check = 'how long it really takes at most; or `accept` `endless` with why';
  return [
    ...(timeout === undefined || secondsOf(timeout) <= longestCommand
      ? []
      : [alarm('endless', step.placeOf('timeout'), `nobody waits ${timeout} for a command`, check)]),
    ...(typeof until?.within !== 'string' || secondsOf(until.within) <= longestWait
      ? []
      : [alarm('endless', below(step.placeOf('until'), 'within'), `nobody waits ${until.within} for something to hold`, check)]),
    ...scriptsOf(step).flatMap(({ script, spot }) => {
      const what = endlessIn(script);
      const other = 'an `until`, which ends; or `accept` `endless` with why';
      return what === undefined ? [] : [alarm('endless', spot, `${what} never ends by itself`, other)];
    }),
  ];
};

function endlessIn(text: string): string | undefined {
  const sleeping = runsIn(text).find(({ program, args }) => program === 'sleep' && /^inf(inity)?$/.test(args[0]?.text ?? ''));
  if (sleeping !== undefined) return '`sleep infinity`';
  const script = readScript(text);
  const loop = script.compounds.find((compound) => isEndless(compound, script));
  if (loop !== undefined) return `a loop of \`${loop.kind}\` without \`break\``;
  return runsIn(text).some(isFollowing) ? '`tail -f`' : undefined;
}

function isEndless({ kind, from, body, to }: Compound, { commands }: Script): boolean {
  if (kind !== 'while' && kind !== 'until') return false;
  const [condition, second] = commands.slice(from, body);
  const isConstant =
    condition !== undefined && second === undefined && always[kind].test(condition.words.map(({ text }) => text).join(' '));
  return isConstant && !everyCommand(commands.slice(body, to)).some(leaves);
}

const always = { while: /^(true|:|\[ 1 \]|sleep .*)$/, until: /^false$/ } as const;

function leaves({ words }: Command): boolean {
  return ['break', 'exit', 'return'].includes(words[0]?.text ?? '');
}

/** What reads the other end of a pipe may stop it, and so may `timeout`, `--pid` and the end of the script. */
function isFollowing({ program, args, through, command }: ReturnType<typeof runsIn>[number]): boolean {
  const texts = args.map(({ text }) => text);
  const follows = texts.some((text) => /^(-[a-zA-Z]*[fF].*|--follow.*)$/.test(text));
  const isEnded = through.includes('timeout') || texts.some((text) => text.startsWith('--pid')) || ['|', '&'].includes(command.end);
  return program === 'tail' && follows && !isEnded;
}
