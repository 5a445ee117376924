/** What a step does: one thing, or a wait; and only what belongs to that. */
import { type Mistake, mistakeAt, type Spot } from '../mistake.ts';
import { below, isPiece, type PlacedCommand } from '../place.ts';
import type { Rule } from './rule.ts';

const deeds = ['run', 'http', 'copy', 'edit'] as const;

export const work: Rule = ({ whole, step }) => {
  const { until, timeout } = step.source;
  const done = deeds.filter((deed) => step.source[deed] !== undefined);
  const [deed, second] = done;
  if (second !== undefined) {
    const message = `a step does one thing, and here are ${done.join(' and ')}`;
    return [mistakeAt(step.placeOf(second), message, 'two steps instead of one')];
  }
  const isWhole = step.isWhole && !isPiece(whole, step);
  return [
    ...looks(step),
    ...(deed === undefined ? [] : lost(step)),
    ...(deed === undefined && isWhole ? (until === undefined ? [idle(step)] : waits(step)) : []),
    ...(deed !== undefined && timeout === undefined && isWhole ? [endless(step)] : []),
    ...(deed === undefined ? [] : belonging(step, deed)),
  ];
};

function idle(step: PlacedCommand): Mistake {
  const message = `step ${step.id} has neither \`run\`, \`http\`, \`copy\`, \`edit\` nor \`until\``;
  return mistakeAt(step.at, message, 'what the step should do; text for people is an `announce`');
}

function endless(step: PlacedCommand): Mistake {
  return mistakeAt(step.at, `step ${step.id} has no \`timeout\``, 'how long its script may take at most, such as 10m');
}

const ofRun = ['timeout', 'read', 'pattern', 'expect', 'warn', 'bind', 'capture', 'answers', 'statuses'] as const;

function waits(step: PlacedCommand): readonly Mistake[] {
  return ofRun
    .filter((key) => step.source[key] !== undefined)
    .map((key) => {
      const message = `\`${key}\` belongs to a \`run\`, and here is none`;
      return mistakeAt(step.placeOf(key), message, '`until` has its own run, read and expect');
    });
}

const ofFiles = ['read', 'pattern', 'expect', 'warn', 'bind', 'capture', 'answers', 'statuses', 'shell'] as const;

/** What a tool asks can only be answered where it is a script of the author's; a file step prints nothing of the author's. */
function belonging(step: PlacedCommand, deed: (typeof deeds)[number]): readonly Mistake[] {
  if (deed === 'run') return [];
  const keys = deed === 'http' ? (['answers'] as const) : ofFiles;
  const check =
    deed === 'http' ? 'whether the script is missing' : 'the file is compared by checksum; a check of more is a step of its own';
  const misplaced = keys
    .filter((key) => step.source[key] !== undefined)
    .map((key) => mistakeAt(step.placeOf(key), `\`${key}\` belongs to a \`run\`, and here is ${deed}`, check));
  return [...misplaced, ...(deed === 'edit' ? editing(step) : []), ...copying(step)];
}

/** The path of a file of the worker is one in a folder of its own. */
function copying(step: PlacedCommand): readonly Mistake[] {
  const { copy } = step.source;
  if (copy?.from !== 'bot' || copy.to !== undefined) return [];
  return [mistakeAt(step.placeOf('copy'), 'a copy from `bot` needs `to`: where the file goes on the host', 'the whole path on the host')];
}

function editing(step: PlacedCommand): readonly Mistake[] {
  const { edit } = step.source;
  if (edit === undefined || edit.set !== undefined || edit.replace !== undefined) return [];
  return [mistakeAt(step.placeOf('edit'), '`edit` has neither `set` nor `replace`', 'what should be changed in the file')];
}

/** Beside a wait the end of the step is that of the wait, and what the script printed is told no more. */
function lost(step: PlacedCommand): readonly Mistake[] {
  if (step.source.warn === undefined || step.source.until === undefined) return [];
  const check = 'a step of its own that looks and warns';
  return [mistakeAt(step.placeOf('warn'), '`warn` is not looked at beside `until`', check)];
}

function looks(step: PlacedCommand): readonly Mistake[] {
  const { until, unless, requires = [] } = step.source;
  return [
    ...(until === undefined ? [] : oneLook(until, step.placeOf('until'))),
    ...(unless === undefined ? [] : oneLook(unless, step.placeOf('unless'))),
    ...requires.flatMap((each, index) => oneLook(each, below(step.placeOf('requires'), index))),
  ];
}

function oneLook(look: { readonly run?: unknown; readonly http?: unknown }, spot: Spot): readonly Mistake[] {
  if ((look.run === undefined) !== (look.http === undefined)) return [];
  const found = look.run === undefined ? 'neither `run` nor `http`' : 'both `run` and `http`';
  return [mistakeAt(look.run === undefined ? spot : below(spot, 'http'), `it has ${found}`, 'how it looks: one script or one request')];
}
