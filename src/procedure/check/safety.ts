/** Who is asked, and what may be run without asking. */
import { methodOf } from '../http.ts';
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import type { HttpSource } from '../pieces-schema.ts';
import { acts } from '../parts.ts';
import { type RuleSource, ruleMistakes } from '../policy-source.ts';
import { below, type Placed, type PlacedCommand, type PlacedConfirm } from '../place.ts';
import type { Whole } from '../whole.ts';
import type { Rule } from './rule.ts';

export const safety: Rule = ({ step }) => {
  const { unsafe, gate, safe } = step.source;
  if (unsafe !== undefined && gate !== undefined) {
    const check = 'unsafe needs a second person, which is more than a gate';
    return [mistakeAt(step.placeOf('gate'), 'a step is `unsafe` or has a `gate`, not both', check)];
  }
  if (safe !== undefined && (unsafe !== undefined || step.phaseUnsafe !== undefined)) {
    const check = 'one of the two; put a safe step outside the phase';
    return [mistakeAt(step.placeOf('safe'), 'the step is `safe`, and it or its phase is `unsafe`', check)];
  }
  if (gate !== undefined && step.phaseUnsafe !== undefined) {
    const message = 'a `gate` in an unsafe phase would let the requester alone allow what the phase calls unsafe';
    const check = 'put the step outside the phase, or leave the gate out: the step needs a second person then';
    return [mistakeAt(step.placeOf('gate'), message, check)];
  }
  return [...idle(step), ...approvers(step)];
};

/** Who answers a question for people. */
export function answering({ source: { approve, second }, at }: PlacedConfirm): readonly Mistake[] {
  if (approve === undefined) return [];
  const spot = below(at, 'approve');
  if (second !== undefined) return ruleAt(approve, spot);
  return [mistakeAt(spot, '`approve` stands beside a question that needs no second person', '`second` with why one has to answer')];
}

function ruleAt(approve: RuleSource, spot: Spot): readonly Mistake[] {
  return ruleMistakes(approve, [], false).map((mistake) => ({ ...mistake, ...spot, path: [...spot.path, ...mistake.path] }));
}

function approvers(step: PlacedCommand): readonly Mistake[] {
  const { approve, unsafe } = step.source;
  if (approve === undefined) return [];
  if (unsafe === undefined && (step.phaseUnsafe === undefined || !acts(step.source))) {
    const check = '`unsafe` with why a second person must approve';
    return [mistakeAt(step.placeOf('approve'), '`approve` stands in a step that nobody has to approve', check)];
  }
  return ruleAt(approve, step.placeOf('approve'));
}

function idle(step: PlacedCommand): readonly Mistake[] {
  const { unsafe, gate, until } = step.source;
  if (acts(step.source) || (unsafe ?? gate) === undefined || until === undefined) return [];
  const key = unsafe !== undefined ? 'unsafe' : 'gate';
  const message = `\`${key}\` needs a \`run\`: there is nothing to allow`;
  return [mistakeAt(step.placeOf(key), message, 'whether the script is missing')];
}

/** What only looks is run without asking: for a plan, and again to check the roles that it found. */
export const finding: Rule = ({ step }) => {
  const { bind, read_only: looks, unless, on } = step.source;
  const ofUnless = unless?.http === undefined ? [] : onlyGet(unless.http, step, 'unless');
  if (bind === undefined && looks !== true) return ofUnless;
  const spot = bind === undefined ? step.placeOf('read_only') : step.placeOf('bind');
  const what = bind === undefined ? 'a step that only looks' : 'a step that finds roles';
  const mistake = `${what} must be safe, without a gate and without questions: it is run again, to check and for a plan`;
  return [
    ...(isHarmless(step) ? [] : [mistakeAt(spot, mistake, 'a step of its own for what it finds')]),
    ...(bind === undefined ? [] : finds(step, on)),
    ...(step.source.http === undefined ? [] : onlyGet(step.source.http, step)),
    ...ofUnless,
  ];
};

function isHarmless({ source, phaseUnsafe }: PlacedCommand): boolean {
  return [source.unsafe, source.gate, source.copy, source.edit, source.answers, phaseUnsafe].every((each) => each === undefined);
}

/** Later steps would not know their hosts. */
function finds(step: PlacedCommand, on: string): readonly Mistake[] {
  const skipping = (['unless', 'unreachable'] as const).filter((key) => step.source[key] !== undefined);
  return [
    ...(/^(each|all) /.test(on)
      ? [
          mistakeAt(
            step.placeOf('bind'),
            'a step on each host of a role cannot find roles',
            '`any <role>` asks the first host that answers',
          ),
        ]
      : []),
    ...skipping.map((key) =>
      mistakeAt(step.placeOf(key), `a step that finds roles cannot be skipped by \`${key}\``, 'a step of its own for what it finds'),
    ),
  ];
}

function onlyGet(http: HttpSource, step: PlacedCommand, part?: 'unless'): readonly Mistake[] {
  const method = methodOf(http);
  if (method === 'GET') return [];
  const spot = part === undefined ? step.placeOf('http') : below(step.placeOf(part), 'http');
  return [
    mistakeAt(spot, `what only looks asks with GET, and this is ${method}: it is run before anybody is asked`, '`method`, and `form`'),
  ];
}

/** Only its author knows whether a script changes something; what needs a person's word certainly does. */
export function unchanging(whole: Whole, steps: readonly Placed[]): readonly Mistake[] {
  if (whole.own.read_only !== true) return [];
  return steps.filter(changes).map((step) => {
    const message = `the procedure says that it changes nothing, and step ${step.id} is unsafe, has a gate, copies, edits or exchanges`;
    return mistakeAt({ path: ['read_only'] }, message, 'one of the two');
  });
}

function changes(step: Placed): boolean {
  if (step.kind === 'manual') return step.source.exchanges !== undefined;
  if (step.kind !== 'command') return false;
  const { unsafe, gate, copy, edit } = step.source;
  return [unsafe, gate, copy, edit, acts(step.source) ? step.phaseUnsafe : undefined].some((each) => each !== undefined);
}
