/** What steps must be beyond their shape: each rule is a small function from a step to its mistakes. */
import { acts } from './build.ts';
import { secondsOf } from './duration.ts';
import { type Mistake, mistakeAt, type Spot } from './mistake.ts';
import { below, namesIn, placeIn, type Placed, type PlacedCommand, type Whole } from './place.ts';
import { missingNames, pastedValue } from './script.ts';
import { didYouMean, listed } from './suggest.ts';

export function checkSteps(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  return [
    ...uniqueIds(steps),
    ...readOnly(whole, steps),
    ...steps.flatMap((step, index) => {
      if (step.kind !== 'command') return [];
      const earlier = [...Object.keys(whole.own.roles ?? {}), ...boundIn(steps.slice(0, index))];
      const later = boundIn(steps.slice(index));
      return [
        named(whole, step),
        work(step),
        reading(step),
        editing(step),
        safety(step),
        binding(step),
        rechecked(step, boundIn(steps.slice(0, index))),
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
      : [mistakeAt(below(step.at, 'id'), `the id ${step.id} stands for two steps`, 'the ids; each stands once in a procedure')];
  });
}

/** Only its author knows whether a script changes something; what needs a person's word certainly does. */
function readOnly(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  if (whole.own.read_only !== true) return [];
  const asking = steps.filter((step) => step.kind === 'command' && changes(step));
  return asking.map((step) =>
    mistakeAt(
      { path: ['read_only'] },
      `the procedure says that it changes nothing, and step ${step.id} is unsafe, has a gate, copies or edits`,
      'one of the two',
    ),
  );
}

function changes({ source, phaseUnsafe }: PlacedCommand): boolean {
  const { unsafe, gate, copy, edit } = source;
  return [unsafe, gate, copy, edit, acts(source) ? phaseUnsafe : undefined].some((each) => each !== undefined);
}

function named(whole: Whole, step: PlacedCommand): readonly Mistake[] {
  const of = (section: 'shared' | 'shells', name: string | undefined, spot: Spot): readonly Mistake[] => {
    if (name === undefined || placeIn(whole, section, name) !== undefined) return [];
    const entries = namesIn(whole, section);
    const message = `there is no "${name}" under ${section}${didYouMean(name, entries)}`;
    return [mistakeAt(spot, message, `entries under ${section}: ${listed(entries)}`)];
  };
  const { use, shell } = step.source;
  return [...of('shared', use, below(step.at, 'use')), ...of('shells', shell, step.placeOf('shell'))];
}

const deeds = ['run', 'http', 'copy', 'edit'] as const;

/** A step does one thing or waits for something; what follows a command needs one. */
function work(step: PlacedCommand): readonly Mistake[] {
  const { until, timeout, use } = step.source;
  const done = deeds.filter((deed) => step.source[deed] !== undefined);
  const [, second] = done;
  if (second !== undefined) {
    return [
      mistakeAt(step.placeOf(second), `step ${step.id} has ${done.join(' and ')}; one of them is a step`, 'two steps instead of one'),
    ];
  }
  if (done.length === 0 && until === undefined && use !== undefined) return [];
  if (done.length === 0 && until === undefined) {
    const message = `step ${step.id} has neither \`run\`, \`http\`, \`copy\`, \`edit\` nor \`until\``;
    return [mistakeAt(step.at, message, 'what the step should do; text for people is an `announce`')];
  }
  if (done.length > 0 && timeout === undefined) {
    return [mistakeAt(step.at, `step ${step.id} has no \`timeout\``, 'how long its script may take at most, such as 10m')];
  }
  return done.length > 0 ? withoutAnswer(step) : idle(step);
}

/** What a tool asks can only be answered where it is a script of the author's. */
function withoutAnswer(step: PlacedCommand): readonly Mistake[] {
  if (step.source.answers === undefined || step.source.run !== undefined) return [];
  return [mistakeAt(step.placeOf('answers'), '`answers` belongs to a `run`: nothing else asks', 'whether the script is missing')];
}

function idle(step: PlacedCommand): readonly Mistake[] {
  const keys = (['timeout', 'read', 'pattern', 'expect', 'warn', 'bind', 'capture', 'answers', 'statuses'] as const).filter(
    (key) => step.source[key] !== undefined,
  );
  return keys.map((key) =>
    mistakeAt(
      step.placeOf(key),
      `\`${key}\` belongs to a \`run\`, and step ${step.id} has none`,
      '`until` has its own run, read and expect',
    ),
  );
}

/** A pattern is for the reader that reads by one. */
function reading(step: PlacedCommand): readonly Mistake[] {
  const { until, unless } = step.source;
  return [
    ...ofReader(step.source, (key) => step.placeOf(key)),
    ...(until === undefined
      ? []
      : [...oneLook(until, step.placeOf('until')), ...ofReader(until, (key) => below(step.placeOf('until'), key))]),
    ...(unless === undefined
      ? []
      : [...oneLook(unless, step.placeOf('unless')), ...ofReader(unless, (key) => below(step.placeOf('unless'), key))]),
    ...(step.source.answers ?? []).flatMap(({ prompt }, index) =>
      compiles(prompt) ? [] : [badPattern(below(step.placeOf('answers'), index, 'prompt'))],
    ),
  ];
}

function oneLook(look: { readonly run?: unknown; readonly http?: unknown }, spot: Spot): readonly Mistake[] {
  if ((look.run === undefined) !== (look.http === undefined)) return [];
  const found = look.run === undefined ? 'neither `run` nor `http`' : 'both `run` and `http`';
  return [mistakeAt(spot, `it has ${found}`, 'how it looks: one script or one request')];
}

function ofReader(
  { read, pattern }: { readonly read?: string | undefined; readonly pattern?: string | undefined },
  placeOf: (key: string) => Spot,
): readonly Mistake[] {
  if (read === 'regex' && pattern === undefined) {
    return [
      mistakeAt(placeOf('read'), '`read: regex` needs a `pattern`', 'a regular expression with named groups, such as (?<lag>[0-9]+)'),
    ];
  }
  if (pattern === undefined) return [];
  if (read !== 'regex') return [mistakeAt(placeOf('pattern'), '`pattern` is for `read: regex`', 'the reader, or leave the pattern out')];
  return compiles(pattern) ? [] : [badPattern(placeOf('pattern'))];
}

function badPattern(spot: Spot): Mistake {
  return mistakeAt(spot, 'this is not a regular expression', 'its brackets and backslashes; a named group is (?<name>…)');
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'mu');
    return true;
  } catch {
    return false;
  }
}

function editing(step: PlacedCommand): readonly Mistake[] {
  const { edit } = step.source;
  if (edit === undefined || edit.set !== undefined || edit.replace !== undefined) return [];
  return [mistakeAt(step.placeOf('edit'), '`edit` has neither `set` nor `replace`', 'what should be changed in the file')];
}

function safety(step: PlacedCommand): readonly Mistake[] {
  const { unsafe, gate, safe } = step.source;
  if (unsafe !== undefined && gate !== undefined) {
    return [
      mistakeAt(
        step.placeOf('gate'),
        'a step is `unsafe` or has a `gate`, not both',
        'unsafe needs a second person, which is more than a gate',
      ),
    ];
  }
  if (safe !== undefined && (unsafe !== undefined || step.phaseUnsafe !== undefined)) {
    return [
      mistakeAt(
        step.placeOf('safe'),
        'the step is `safe`, and it or its phase is `unsafe`',
        'one of the two; put a safe step outside the phase',
      ),
    ];
  }
  if (gate !== undefined && step.phaseUnsafe !== undefined) {
    return [
      mistakeAt(
        step.placeOf('gate'),
        'a `gate` in an unsafe phase would let the requester alone allow what the phase calls unsafe',
        'put the step outside the phase, or leave the gate out: the step needs a second person then',
      ),
    ];
  }
  const key = unsafe !== undefined ? 'unsafe' : 'gate';
  if (acts(step.source) || (unsafe ?? gate) === undefined) return [];
  return [
    mistakeAt(
      step.placeOf(key),
      `\`${key}\` needs a \`run\`: there is nothing to allow in step ${step.id}`,
      'whether the script is missing',
    ),
  ];
}

/** What only looks is run again, for a plan and to check the roles that it found. */
function binding(step: PlacedCommand): readonly Mistake[] {
  const { bind, read_only: looks, on, unsafe, gate, copy, edit, answers } = step.source;
  if (bind === undefined && looks !== true) return [];
  const path = bind === undefined ? step.placeOf('read_only') : step.placeOf('bind');
  const isSafe = unsafe === undefined && gate === undefined && step.phaseUnsafe === undefined;
  const only = copy === undefined && edit === undefined && answers === undefined;
  const what = bind === undefined ? 'a step that only looks' : 'a step that finds roles';
  return [
    ...(isSafe && only
      ? []
      : [
          mistakeAt(
            path,
            `${what} must be safe, without a gate and without questions: it is run again, to check and for a plan`,
            'a step of its own for what it finds',
          ),
        ]),
    ...(bind !== undefined && /^(each|all) /.test(on)
      ? [mistakeAt(path, 'a step on each host of a role cannot find roles', '`any <role>` asks the first host that answers')]
      : []),
  ];
}

function rechecked(step: PlacedCommand, earlier: readonly string[]): readonly Mistake[] {
  const spot = step.placeOf('recheck');
  return (step.source.recheck ?? []).flatMap((role, index) =>
    earlier.includes(role)
      ? []
      : [
          mistakeAt(
            below(spot, index),
            `no earlier step finds the role ${role}${didYouMean(role, earlier)}`,
            `roles that earlier steps bind: ${listed(earlier)}`,
          ),
        ],
  );
}

function target(step: PlacedCommand, earlier: readonly string[], later: readonly string[]): readonly Mistake[] {
  const check = 'the order of the steps, and `bind`';
  const late = (role: string): boolean => !earlier.includes(role) && later.includes(role);
  const role = step.source.on.split(' ').at(-1) ?? '';
  const from = step.source.copy?.from ?? '';
  return [
    ...(late(role) ? [mistakeAt(below(step.at, 'on'), `the role ${role} is not known yet: only a later step finds it`, check)] : []),
    ...(late(from)
      ? [mistakeAt(below(step.placeOf('copy'), 'from'), `the role ${from} is not known yet: only a later step finds it`, check)]
      : []),
  ];
}

function times(step: PlacedCommand): readonly Mistake[] {
  const { until } = step.source;
  if (until === undefined) return [];
  const spot = step.placeOf('until');
  const every = secondsOf(until.every ?? '5s');
  const said = until.every ?? '5s, the default';
  return [
    ...(typeof until.within !== 'string' || every <= secondsOf(until.within)
      ? []
      : [mistakeAt(below(spot, 'within'), `\`within\` (${until.within}) is shorter than \`every\` (${said})`, 'both durations')]),
    ...(until.growing_to === undefined || secondsOf(until.growing_to) >= every
      ? []
      : [
          mistakeAt(
            below(spot, 'growing_to'),
            `\`growing_to\` (${until.growing_to}) is shorter than \`every\` (${said})`,
            'both durations',
          ),
        ]),
  ];
}

function scripts(step: PlacedCommand): readonly Mistake[] {
  const passed = Object.keys(step.source.env ?? {});
  const { run, until, unless } = step.source;
  return [
    ...(run === undefined ? [] : ofScript(run, passed, step.placeOf('run'))),
    ...(until?.run === undefined ? [] : ofScript(until.run, passed, below(step.placeOf('until'), 'run'))),
    ...(unless?.run === undefined ? [] : ofScript(unless.run, passed, below(step.placeOf('unless'), 'run'))),
  ];
}

function ofScript(script: string, passed: readonly string[], spot: Spot): readonly Mistake[] {
  const pasted = pastedValue(script);
  const missing = missingNames(script, passed).map((name) =>
    mistakeAt(
      spot,
      `the script uses $${name}, which nobody gives it${didYouMean(name, passed)}`,
      `env of the step; it has: ${listed(passed)}`,
    ),
  );
  const check = 'give the value a name under `env` and write it as "$NAME"';
  return [
    ...missing,
    ...invisible(script, spot),
    ...(pasted === undefined ? [] : [mistakeAt(spot, `${pasted} is not filled in here: no value is ever pasted into a script`, check)]),
  ];
}

/** What a reviewer cannot see must not run: control characters, direction marks, zero-width characters. */
function invisible(script: string, spot: Spot): readonly Mistake[] {
  const found = /[^\n\t\P{C}]|[\u2028\u2029]/u.exec(script)?.[0];
  if (found === undefined) return [];
  const code = `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  return [
    mistakeAt(
      spot,
      `the script holds the invisible character ${code}`,
      'the line, in an editor that shows such characters; write it as an escape of the shell',
    ),
  ];
}
