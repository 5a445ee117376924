/** What happened against what the test expects. Pure. */
import { canonical } from '../canonical.ts';
import type { Recorded } from '../run/events.ts';
import type { RunState } from '../run/state.ts';
import type { Failure } from './failure.ts';
import { asksIn, didIn, placeText, skippedIn } from './happened.ts';
import type { Case, Expected, FileThere } from './model.ts';
import type { Played } from './rehearse.ts';
import { RUN } from './stage.ts';
import { textsOf, unfilled } from './texts.ts';
import { endFailures } from './verdict-end.ts';

/** Nothing where the case is as expected. */
export function verdictOn(wanted: Case, played: Played): readonly Failure[] {
  const { end } = played;
  if (end.kind === 'broken') return [end.failure];
  const ending = endFailures(wanted.expected.end, end);
  // With another ending all the rest is different too, and would only hide it.
  if (ending.length > 0) return ending;
  if (end.kind === 'refused') return [...planFailures(wanted.expected, played), ...unneeded(played)];
  const { expected } = wanted;
  const texts = textsOf(RUN, played.recorded);
  return [
    ...doesFailures(expected, end.state, played.recorded),
    ...skippedFailures(expected, played.recorded),
    ...asksFailures(expected, played.recorded),
    ...saysFailures(expected, texts),
    ...stateFailures(expected, end.state),
    ...fileFailures(expected, played),
    ...planFailures(expected, played),
    ...alwaysFailures(wanted, played, texts),
    ...unneeded(played),
  ];
}

function doesFailures({ does }: Expected, state: RunState, recorded: readonly Recorded[]): readonly Failure[] {
  if (does === undefined) return [];
  const did = didIn(state, recorded).map(placeText);
  const wanted = does.places.map(placeText);
  const holds = does.kind === 'all' ? canonical(did) === canonical(wanted) : isAmong(wanted, did);
  return holds
    ? []
    : [
        differs(
          `commands ${does.kind === 'all' ? '' : 'that include '}${listed(wanted)}`,
          listed(did),
          '`does`, and the order, `when` and `unless` of the steps',
        ),
      ];
}

function isAmong(wanted: readonly string[], did: readonly string[]): boolean {
  let from = 0;
  return wanted.every((each) => {
    const at = did.indexOf(each, from);
    from = at + 1;
    return at >= 0;
  });
}

function skippedFailures({ skipped }: Expected, recorded: readonly Recorded[]): readonly Failure[] {
  if (skipped === undefined) return [];
  const left = skippedIn(recorded);
  const places = (some: readonly Parameters<typeof placeText>[0][]): string => listed(some.map(placeText).sort());
  if (places(left) !== places(skipped))
    return [differs(`left out: ${places(skipped)}`, places(left), '`skipped`, and `when`, `unless` and `unreachable` of the steps')];
  return skipped.flatMap((place) => {
    const found = left.find((each) => placeText(each) === placeText(place));
    if (place.why === undefined || found?.why.includes(place.why)) return [];
    return [differs(`${placeText(place)} is left out because “${place.why}”`, found?.why ?? '', '`skipped`, and the words of the step')];
  });
}

function asksFailures({ asks }: Expected, recorded: readonly Recorded[]): readonly Failure[] {
  if (asks === undefined) return [];
  const asked = asksIn(recorded);
  const isSame =
    asked.length === asks.length &&
    asks.every(({ step, whom }, index) => asked[index]?.step === step && (whom === undefined || asked[index]?.whom === whom));
  if (isSame) return [];
  const words = (some: readonly { readonly step: string; readonly whom: string | undefined }[]): string =>
    listed(some.map(({ step, whom }) => (whom === undefined ? step : `${step} ${whom}`)));
  return [differs(`people are asked: ${words(asks)}`, words(asked), '`asks`, and `unsafe`, `gate`, `manual` and `confirm` of the steps')];
}

function saysFailures({ says, neverSays }: Expected, texts: readonly string[]): readonly Failure[] {
  const holds = (wanted: string): boolean => texts.some((text) => text.includes(wanted));
  return [
    ...says
      .filter((wanted) => !holds(wanted))
      .map((wanted) =>
        differs(`the thread says “${wanted}”`, `nowhere in it. It says:\n${shown(texts)}`, '`says`, and the texts of the procedure'),
      ),
    ...neverSays
      .filter(holds)
      .map((wanted) =>
        differs(
          `the thread does not say “${wanted}”`,
          texts.find((text) => text.includes(wanted)) ?? '',
          '`never_says`, and the texts of the procedure',
        ),
      ),
  ];
}

/** One line each, for a failure: what hosts printed is in them too. */
function shown(texts: readonly string[]): string {
  return [...new Set(texts.map((text) => text.trim().split('\n')[0] ?? '').filter((line) => line !== ''))]
    .map((line) => `  ${line.slice(0, 140)}`)
    .join('\n');
}

function stateFailures({ roles, captured }: Expected, state: RunState): readonly Failure[] {
  return [
    ...Object.entries(roles).flatMap(([role, host]) =>
      state.roles[role] === host
        ? []
        : [
            differs(
              `the ${role} is ${host}`,
              state.roles[role] ?? 'nobody',
              '`bind` or `roles` of the procedure, and what the hosts print',
            ),
          ],
    ),
    ...Object.entries(captured).flatMap(([name, value]) =>
      canonical(state.captured[name]) === canonical(value)
        ? []
        : [
            differs(
              `captured.${name} is ${canonical(value)}`,
              state.captured[name] === undefined ? 'nothing' : canonical(state.captured[name]),
              '`capture` of the procedure, and what the hosts print',
            ),
          ],
    ),
  ];
}

function fileFailures({ leaves }: Expected, { files }: Played): readonly Failure[] {
  return Object.entries(leaves).flatMap(([host, paths]) =>
    Object.entries(paths).flatMap(([path, file]) => {
      const is = files.at(host, path) ?? { kind: 'missing' as const };
      const seen = file.kind === 'text' && is.kind === 'file' ? { kind: 'text', text: is.text } : is;
      if (canonical(seen) === canonical(file)) return [];
      return [differs(`${path} on ${host} is ${fileWords(file)}`, fileWords(is), '`copy` and `edit` of the steps, and `leaves`')];
    }),
  );
}

function fileWords(file: FileThere | { readonly kind: 'text'; readonly text: string }): string {
  switch (file.kind) {
    case 'missing':
      return 'not there';
    case 'folder':
      return 'a folder';
    case 'text':
      return `\n${file.text.slice(0, 2_000)}`;
    case 'file':
      return `${file.owner}:${file.group} ${file.mode}, ${file.bytes} bytes:\n${file.text.slice(0, 2_000)}`;
  }
}

function planFailures({ plan: expected }: Expected, { plan, recorded, end }: Played): readonly Failure[] {
  if (expected === undefined) return [];
  if (plan === undefined) return end.kind === 'refused' ? [] : [differs('a plan can be made', 'it is refused', 'the case')];
  if (expected.kind === 'problems')
    return expected.texts
      .filter((text) => !plan.problems.some((problem) => problem.includes(text)))
      .map((text) => differs(`a problem of the plan is “${text}”`, listed(plan.problems), '`plan`'));
  const resolved = recorded.flatMap(({ event }) => (event.kind === 'planResolved' ? [event.digest] : []))[0];
  if (plan.problems.length > 0) return [differs('a plan without problems', listed(plan.problems), 'the steps that only look')];
  return resolved === plan.digest
    ? []
    : [
        differs(
          'the plan is what the run does',
          'their digests differ: between plan and run something has changed',
          '`in_turn` of the answers to steps that only look',
        ),
      ];
}

/** What every rehearsal must hold. */
function alwaysFailures({ secrets }: Case, { recorded, warnings }: Played, texts: readonly string[]): readonly Failure[] {
  const journal = JSON.stringify(recorded.map(({ event }) => event));
  const shownSecrets = Object.entries(secrets).filter(
    ([, value]) => value.length >= 4 && journal.includes(JSON.stringify(value).slice(1, -1)),
  );
  const text = unfilled(texts);
  return [
    ...shownSecrets.map(([name]) =>
      differs(
        `the secret ${name} is nowhere in the thread`,
        'it is shown',
        'how the procedure passes it; what a program prints in another form cannot be masked',
      ),
    ),
    ...(text === undefined ? [] : [differs('every {{ }} can be filled in', text, 'the expression in this text')]),
    ...warnings.map((warning) => differs('the worker has nothing to warn of', warning, 'the step that it names')),
  ];
}

function unneeded({ answers, people }: Played): readonly Failure[] {
  return [
    ...answers
      .unneeded()
      .map(({ answer, turns }) =>
        differs(
          `every answer of the case is needed (line ${answer.line})`,
          turns === 0 ? 'nobody asked for it' : `only ${turns} of its ${answer.turns.length} turns were`,
          'the part of the script that it names, and answers before it that fit too',
        ),
      ),
    ...people
      .unneeded()
      .map(({ part, deeds }) =>
        differs(
          `what people do at ${placeText(part)} is needed`,
          deeds === 0 ? 'the run did not wait for them there' : `the run waited for them ${deeds} times there, of ${part.deeds.length}`,
          '`people` of the case',
        ),
      ),
  ];
}

function differs(expected: string, happened: string, check: string): Failure {
  return { expected, happened, check };
}

function listed(texts: readonly string[]): string {
  return texts.length === 0 ? 'nothing' : texts.join(', ');
}
