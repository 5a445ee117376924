/** What steps must be beyond their shape: each rule is a small function from a step to its mistakes. */
import { secondsOf } from './duration.ts';
import type { Path } from './finding.ts';
import type { Mistake } from './mistake.ts';
import type { Placed, PlacedCommand } from './place.ts';
import { missingNames, pastedValue } from './script.ts';
import type { ProcedureSource } from './source-schema.ts';
import { didYouMean, listed } from './suggest.ts';

export function checkSteps(source: ProcedureSource, steps: readonly Placed[]): readonly Mistake[] {
  return [
    ...uniqueIds(steps),
    ...readOnly(source, steps),
    ...steps.flatMap((step, index) => {
      if (step.kind === 'announce') return [];
      const earlier = boundIn(steps.slice(0, index));
      const later = boundIn(steps.slice(index));
      return [
        usedEntry(source, step),
        work(step),
        safety(step),
        binding(step),
        rechecked(step, earlier),
        target(step, earlier, later),
        times(step),
        scripts(step),
      ].flat();
    }),
  ];
}

function boundIn(steps: readonly Placed[]): readonly string[] {
  return steps.flatMap((step) => (step.kind === 'command' ? Object.keys(step.source.bind ?? {}) : []));
}

function uniqueIds(steps: readonly Placed[]): readonly Mistake[] {
  return steps.flatMap((step, index) => {
    const first = steps.findIndex(({ id }) => id === step.id);
    return first === index
      ? []
      : [mistake([...step.at, 'id'], `the id ${step.id} stands for two steps`, 'the ids; each stands once in a procedure')];
  });
}

/** Only its author knows whether a script changes something; what needs a person's word certainly does. */
function readOnly(source: ProcedureSource, steps: readonly Placed[]): readonly Mistake[] {
  if (source.read_only !== true) return [];
  const asking = steps.filter((step) => step.kind === 'command' && (step.source.unsafe !== undefined || step.source.gate !== undefined));
  return asking.map((step) =>
    mistake(['read_only'], `the procedure says that it changes nothing, and step ${step.id} is unsafe or has a gate`, 'one of the two'),
  );
}

function usedEntry(source: ProcedureSource, step: PlacedCommand): readonly Mistake[] {
  const entries = Object.keys(source.shared ?? {});
  const { use } = step.source;
  if (use === undefined || entries.includes(use)) return [];
  return [
    mistake(
      [...step.at, 'use'],
      `there is no "${use}" under shared${didYouMean(use, entries)}`,
      `entries under shared: ${listed(entries)}`,
    ),
  ];
}

/** A step does something or waits for something; what follows a command needs one. */
function work(step: PlacedCommand): readonly Mistake[] {
  const { run, until, timeout, use } = step.source;
  if (run === undefined && until === undefined && use !== undefined) return [];
  if (run === undefined && until === undefined) {
    return [
      mistake(step.at, `step ${step.id} has neither \`run\` nor \`until\``, 'what the step should do; text for people is an `announce`'),
    ];
  }
  if (run !== undefined && timeout === undefined) {
    return [mistake(step.at, `step ${step.id} has no \`timeout\``, 'how long its script may take at most, such as 10m')];
  }
  if (run !== undefined) return [];
  const idle = (['timeout', 'read', 'expect', 'bind'] as const).filter((key) => step.source[key] !== undefined);
  return idle.map((key) =>
    mistake(step.placeOf(key), `\`${key}\` belongs to a \`run\`, and step ${step.id} has none`, '`until` has its own run, read and expect'),
  );
}

function safety(step: PlacedCommand): readonly Mistake[] {
  const { run, unsafe, gate } = step.source;
  if (unsafe !== undefined && gate !== undefined) {
    return [
      mistake(
        step.placeOf('gate'),
        'a step is `unsafe` or has a `gate`, not both',
        'unsafe needs a second person, which is more than a gate',
      ),
    ];
  }
  if (gate !== undefined && step.phaseUnsafe !== undefined) {
    return [
      mistake(
        step.placeOf('gate'),
        'a `gate` in an unsafe phase would let the requester alone allow what the phase calls unsafe',
        'put the step outside the phase, or leave the gate out: the step needs a second person then',
      ),
    ];
  }
  const key = unsafe !== undefined ? 'unsafe' : 'gate';
  if (run !== undefined || (unsafe ?? gate) === undefined) return [];
  return [
    mistake(step.placeOf(key), `\`${key}\` needs a \`run\`: there is nothing to allow in step ${step.id}`, 'whether the script is missing'),
  ];
}

/** The step that finds roles is run again to check them, and for a plan. */
function binding(step: PlacedCommand): readonly Mistake[] {
  const { bind, on, unsafe, gate } = step.source;
  if (bind === undefined) return [];
  const path = step.placeOf('bind');
  const isSafe = unsafe === undefined && gate === undefined && step.phaseUnsafe === undefined;
  return [
    ...(isSafe
      ? []
      : [
          mistake(
            path,
            'a step that finds roles must be safe and without a gate: it is run again to check them',
            'a step of its own for `bind`',
          ),
        ]),
    ...(on.startsWith('each ')
      ? [mistake(path, 'a step on each host of a role cannot find roles', '`any <role>` asks the first host that answers')]
      : []),
  ];
}

function rechecked(step: PlacedCommand, earlier: readonly string[]): readonly Mistake[] {
  const path = step.placeOf('recheck');
  return (step.source.recheck ?? []).flatMap((role, index) =>
    earlier.includes(role)
      ? []
      : [
          mistake(
            [...path, index],
            `no earlier step finds the role ${role}${didYouMean(role, earlier)}`,
            `roles that earlier steps bind: ${listed(earlier)}`,
          ),
        ],
  );
}

function target(step: PlacedCommand, earlier: readonly string[], later: readonly string[]): readonly Mistake[] {
  const role = step.source.on.split(' ').at(-1) ?? '';
  if (earlier.includes(role) || !later.includes(role)) return [];
  return [
    mistake([...step.at, 'on'], `the role ${role} is not known yet: only a later step finds it`, 'the order of the steps, and `bind`'),
  ];
}

function times(step: PlacedCommand): readonly Mistake[] {
  const { until } = step.source;
  if (until === undefined || secondsOf(until.every ?? '5s') <= secondsOf(until.within)) return [];
  const every = until.every ?? '5s, the default';
  return [
    mistake([...step.placeOf('until'), 'within'], `\`within\` (${until.within}) is shorter than \`every\` (${every})`, 'both durations'),
  ];
}

function scripts(step: PlacedCommand): readonly Mistake[] {
  const passed = Object.keys(step.source.env ?? {});
  const { run, until } = step.source;
  return [
    ...(run === undefined ? [] : ofScript(run, passed, step.placeOf('run'))),
    ...(until === undefined ? [] : ofScript(until.run, passed, [...step.placeOf('until'), 'run'])),
  ];
}

function ofScript(script: string, passed: readonly string[], path: Path): readonly Mistake[] {
  const pasted = pastedValue(script);
  const missing = missingNames(script, passed).map((name) =>
    mistake(
      path,
      `the script uses $${name}, which nobody gives it${didYouMean(name, passed)}`,
      `env of the step; it has: ${listed(passed)}`,
    ),
  );
  const check = 'give the value a name under `env` and write it as "$NAME"';
  return [
    ...missing,
    ...invisible(script, path),
    ...(pasted === undefined ? [] : [mistake(path, `${pasted} is not filled in here: no value is ever pasted into a script`, check)]),
  ];
}

/** What a reviewer cannot see must not run: control characters, direction marks, zero-width characters. */
function invisible(script: string, path: Path): readonly Mistake[] {
  const found = /[^\n\t\P{C}]|[\u2028\u2029]/u.exec(script)?.[0];
  if (found === undefined) return [];
  const code = `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return [
    mistake(
      path,
      `the script holds the invisible character ${code}`,
      'the line, in an editor that shows such characters; write it as an escape of the shell',
    ),
  ];
}

function mistake(path: Path, message: string, check: string): Mistake {
  return { path, message, check };
}
