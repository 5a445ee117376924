import { compile } from '../expression.ts';
import { scriptsOf } from '../parts.ts';
import type { PlacedCommand } from '../place.ts';
import type { Command, Redirect, Script, Word } from '../shell/model.ts';
import { readScript, wordsOf } from '../shell/script.ts';
import { alarm, type StepRule } from './alarm.ts';

/** A secret that a script would print, or put where every user of the host sees it: on a command line. */
export const secretsShown: StepRule = (_whole, step) => {
  if (step.kind !== 'command') return [];
  const secret = secretNames(step);
  if (secret.length === 0) return [];
  return scriptsOf(step).flatMap(({ script, spot }) =>
    shownIn(script, secret).map((how) => {
      const check = 'give it to the program by its standard input, a here-document or its environment; or `accept` `secret-shown` with why';
      return alarm('secret-shown', spot, how, check);
    }),
  );
};

function secretNames(step: PlacedCommand): readonly string[] {
  return Object.entries(step.source.env ?? {}).flatMap(([name, text]) => {
    const compiled = compile(text);
    return compiled.kind === 'ok' && compiled.references.some(({ root }) => root === 'secrets') ? [name] : [];
  });
}

function shownIn(text: string, secret: readonly string[]): readonly string[] {
  const script = readScript(text);
  const held = holding(script, secret);
  const found = script.commands.flatMap((command) => ofCommand(command, { script, held, isCaptured: false }));
  return [...new Set(found)];
}

/** The secret names, and the variables that were made of them. */
function holding(script: Script, secret: readonly string[]): ReadonlySet<string> {
  const held = new Set(secret);
  for (let size = 0; size !== held.size; ) {
    size = held.size;
    for (const name of script.commands.flatMap((command) => madeOf(command, held))) held.add(name);
  }
  return held;
}

function madeOf({ assignments, words }: Command, held: ReadonlySet<string>): readonly string[] {
  const declared = ['export', 'local', 'readonly'].includes(words[0]?.text ?? '') ? words.slice(1) : [];
  return [
    ...assignments.flatMap(({ name, value }) => (holds(value, held) ? [name] : [])),
    ...declared.flatMap((word) => (holds(word, held) ? [/^\w+/.exec(word.text)?.[0] ?? ''] : [])),
  ];
}

function holds(word: Word, held: ReadonlySet<string>): boolean {
  const own = word.expansions.some(({ name, as }) => held.has(name) && (as === 'value' || as === 'fallback'));
  return own || word.inside.some((command) => wordsOf(command).some((inner) => holds(inner, held)));
}

type Around = { readonly script: Script; readonly held: ReadonlySet<string>; readonly isCaptured: boolean };

/** Commands of the shell itself: their arguments stand in no process list. */
const builtins =
  `[ test : export local readonly read unset set shift return exit cd case for true false break continue getopts umask wait echo
printf`.split(/\s+/);

function ofCommand(command: Command, around: Around): readonly string[] {
  const inside = wordsOf(command).flatMap((word) => word.inside.flatMap((inner) => ofCommand(inner, { ...around, isCaptured: true })));
  const [first, ...args] = command.words;
  if (first === undefined) return inside;
  const program = first.text;
  const given = args.find((word) => holds(word, around.held));
  const isShells = builtins.includes(program) || around.script.functions.includes(program);
  return [
    ...inside,
    ...(isTracing(program, args) ? ['`set -x` writes every value into the output'] : []),
    ...(given !== undefined && !isShells
      ? [`\`${program}\` gets ${nameIn(given, around.held)} on its command line, which every user of the host sees`]
      : []),
    ...(isPrinted(command, around) ? [`\`${program}\` prints ${nameOf(command, around.held)}`] : []),
  ];
}

function isTracing(program: string, args: readonly Word[]): boolean {
  return program === 'set' && args.some(({ text }) => /^-[a-z]*x/.test(text) || text === 'xtrace');
}

function isPrinted(command: Command, { held, isCaptured }: Around): boolean {
  const program = command.words[0]?.text ?? '';
  const prints = program === 'echo' || program === 'printf' || program === 'cat';
  const shown = program === 'cat' ? command.redirects.flatMap(({ body }) => (body === undefined ? [] : [body])) : command.words.slice(1);
  return prints && !isCaptured && shown.some((word) => holds(word, held)) && !goesOn(command);
}

/** Into a pipe or a file, by itself or with what it stands in. */
function goesOn({ end, redirects, around }: Command): boolean {
  return (
    end === '|' ||
    around.some((compound) => compound.end === '|') ||
    [...redirects, ...around.flatMap((each) => each.redirects)].some(leadsAway)
  );
}

function leadsAway({ sign, target }: Redirect): boolean {
  if (/^1?(>|>>|>\|)$/.test(sign)) return !/^\/dev\/(stdout|stderr|tty)$/.test(target.text);
  return /^1?>&$/.test(sign) && !['1', '2'].includes(target.text);
}

function nameOf(command: Command, held: ReadonlySet<string>): string {
  const word = wordsOf(command).find((each) => holds(each, held));
  return word === undefined ? 'a secret' : nameIn(word, held);
}

function nameIn(word: Word, held: ReadonlySet<string>): string {
  const name = word.expansions.find((each) => held.has(each.name))?.name;
  return name === undefined ? 'a secret' : `the secret $${name}`;
}
