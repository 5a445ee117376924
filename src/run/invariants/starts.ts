/** Nothing begins that was not allowed: each intent to start is held against the approval that it names and what the run stood in then. */
import { type Entry, type History, isOver, isSamePlace, JITTER_MS, placeText, repeated, type Violation, commandOf } from './history.ts';
import { periodFaults } from './periods.ts';

type Intent = Entry<'attemptIntended'>;

export function startFaults(history: History): readonly Violation[] {
  const intents = history.of('attemptIntended');
  const twice = repeated(intents, ({ event }) => placeText(event)).map(({ seq, event }): Violation => {
    return { seq, kind: 'startTwice', sentence: `${placeText(event)} was to be started a second time.` };
  });
  return [
    ...twice,
    ...countFaults(intents),
    ...besideFaults(history, intents),
    ...intents.flatMap((intent) => intentFaults(history, intent)),
  ];
}

/** A number is never used again, whatever is opened anew. */
function countFaults(intents: readonly Intent[]): readonly Violation[] {
  const highest = new Map<string, number>();
  return intents.flatMap(({ seq, event }): readonly Violation[] => {
    const name = `${event.step} on ${event.host}`;
    const before = highest.get(name) ?? 0;
    highest.set(name, Math.max(before, event.attempt));
    if (event.attempt >= before && event.attempt >= 1) return [];
    return [{ seq, kind: 'countedDown', sentence: `Attempt ${event.attempt} of ${name} came after attempt ${before}.` }];
  });
}

/** The same command does not run twice at the same time on a host: what went before is over. */
function besideFaults(history: History, intents: readonly Intent[]): readonly Violation[] {
  return intents.flatMap(({ seq, event }): readonly Violation[] => {
    const isEarlier = (each: Intent): boolean =>
      each.seq < seq && each.event.step === event.step && each.event.host === event.host && each.event.attempt < event.attempt;
    const beside = intents.find((each) => isEarlier(each) && !isOver(history, each.event, seq));
    if (beside === undefined) return [];
    return [
      { seq, kind: 'stillRunning', sentence: `${placeText(event)} was started while ${placeText(beside.event)} may still have run.` },
    ];
  });
}

function intentFaults(history: History, intent: Intent): readonly Violation[] {
  return [...periodFaults(history, intent), ...openedFaults(history, intent), ...permissionFaults(history, intent)];
}

function openedFaults(history: History, { seq, event }: Intent): readonly Violation[] {
  const opened = history.of('stepOpened').findLast((each) => each.seq < seq && each.event.step === event.step);
  if (opened?.event.hosts.includes(event.host) === true) return [];
  return [{ seq, kind: 'notOpened', sentence: `${placeText(event)} was started, and the step was not opened on that host.` }];
}

function permissionFaults(history: History, { seq, at, event }: Intent): readonly Violation[] {
  const step = commandOf(history, event.step);
  if (step === undefined || step.safety.kind === 'safe') return [];
  const place = placeText(event);
  const wrong = (kind: Violation['kind'], sentence: string): Violation => ({ seq, kind, sentence });
  const { approval } = event;
  const request = history.of('approvalRequested').find((each) => each.seq < seq && each.event.request === approval);
  const yes = history.of('approvalGiven', 'glassBroken').find((each) => each.seq < seq && each.event.request === approval);
  if (request === undefined || yes === undefined) return [wrong('noApproval', `${place} was started without an approval.`)];
  const over = history
    .of('approvalVoided', 'approvalRejected', 'approvalExpired')
    .find((each) => each.seq < seq && each.event.request === approval);
  const { subject, digest } = request.event;
  const anew = history
    .of('approvalRequested')
    .find((each) => each.seq > request.seq && each.seq < seq && each.event.subject.items.some((item) => isSamePlace(item, event)));
  return [
    ...(over === undefined ? [] : [wrong('approvalOver', `${place} was started after ${over.event.kind} (event ${over.seq}).`)]),
    ...(subject.items.some((item) => isSamePlace(item, event))
      ? []
      : [wrong('otherStart', `${place} was started by request ${approval}, which is not for it.`)]),
    ...(digest === event.digest ? [] : [wrong('otherDigest', `${place} was started as something else than what was approved.`)]),
    ...(anew === undefined
      ? []
      : [wrong('askedAnew', `${place} was asked for anew (event ${anew.seq}) and started by the earlier approval.`)]),
    ...(at - usedLast(history, seq, yes.at, subject.items) <= history.requested.procedure.approvalSeconds * 1000 + JITTER_MS
      ? []
      : [wrong('stale', `${place} was started by an approval that had been lying unused for too long.`)]),
  ];
}

/** A yes is for now: given, or another of its starts passed, or a person stood there and settled one as done. */
function usedLast(history: History, before: number, given: number, items: readonly { readonly step: string }[]): number {
  const isMine = (step: string): boolean => items.some((item) => item.step === step);
  const raised = history.of('troubleRaised');
  const passed = history.of('hostPassed').filter(({ event }) => isMine(event.step));
  const settled = history
    .of('troubleSettled')
    .filter(({ event }) => event.choice === 'settleDone')
    .filter(({ event }) => raised.some((each) => each.event.trouble === event.trouble && isMine(each.event.step)));
  return Math.max(given, ...[...passed, ...settled].filter(({ seq }) => seq < before).map(({ at }) => at));
}
