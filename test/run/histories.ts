/** Pieces of hand-made journals: a small cluster, a procedure with every kind of step, and one event of each kind, sound unless told. */
import type { Cluster } from '../../src/inventory/model.ts';
import type { Procedure } from '../../src/procedure/model.ts';
import type { Actor, EventOf, Person, Recorded, RunEvent, Stands, Subject } from '../../src/run/events.ts';
import { subjectDigest } from '../../src/run/subject.ts';
import { cluster, command, dana, procedure, sam } from './samples.ts';

export const RUN = 'run2';
export const eve: Person = { team: 'T1', user: 'U4', name: 'Eve' };
/** The other account of the requester. */
export const dora: Person = { team: 'T2', user: 'U5', name: 'Dora' };
const APPROVAL_S = 600;

export const steps: Procedure['steps'] = [
  command('S1', { on: { kind: 'each', role: 'node' }, safety: { kind: 'unsafe', why: 'it stops things' } }),
  command('S2', { on: { kind: 'one', role: 'main' }, safety: { kind: 'gated', ask: 'Go on?' } }),
  command('S3', { on: { kind: 'one', role: 'main' }, answers: [{ prompt: 'sure?', answer: '"yes"' }] }),
  { kind: 'person', id: 'S4', title: 'look', about: 'confirm', text: 'Is it so?', second: 'it goes live' },
  { kind: 'person', id: 'S5', title: 'tidy', about: 'manual', text: 'Tidy up' },
];

export const stands = (person: Person, more: Partial<Stands> = {}): Stands => ({ memberOf: [], accounts: [person.user], ...more });

export type World = { readonly cluster?: Partial<Cluster>; readonly procedure?: Partial<Procedure> };
export type At = RunEvent | { readonly event: RunEvent; readonly at?: number; readonly actor?: Actor; readonly seq?: number };

export function settingOf({ cluster: c = {}, procedure: p = {} }: World) {
  return { cluster: { ...cluster, ...c }, procedure: procedure(steps, p) };
}

export function begun(world: World = {}): RunEvent {
  return { kind: 'runRequested', requester: dana, ...settingOf(world), params: {}, channel: { team: 'T1', id: 'C1' }, requestId: 'r1' };
}

/** One second apart, each written by whoever decided it. */
export function journal(...events: readonly At[]): readonly Recorded[] {
  return events.map((each, index) => {
    const { event, ...more } = 'event' in each ? each : { event: each };
    return { seq: index + 1, at: (index + 1) * 1000, actor: actorOf(event), event, ...more };
  });
}

export function actorOf(event: RunEvent): Actor {
  if (event.kind === 'runRequested') return { kind: 'person', person: event.requester };
  return 'by' in event && typeof event.by === 'object' ? { kind: 'person', person: event.by } : { kind: 'keyturn' };
}

export const itemFor = (step: string, host: string, attempt = 1): Subject['items'][number] => ({
  ...{ step, host, attempt, address: `ops@${host}.example:22`, script: 'do_it', env: {} },
});

export function subjectFor(...items: Subject['items']): Subject {
  return { items, roles: {}, expectations: [] };
}

/** The samples' hashes are made up, so that it is the same in every world. */
export function digestOf(subject: Subject): string {
  return subjectDigest(RUN, { ...settingOf({}), params: {}, roles: {}, captured: {} }, subject);
}

type Asked = Partial<EventOf<'approvalRequested'>>;

export function request(subject = subjectFor(itemFor('S1', 'node-1')), more: Asked = {}): RunEvent {
  return {
    ...{ kind: 'approvalRequested', request: 'q1', step: 'S1', needs: 'second', why: 'it stops things', subject },
    ...{ digest: digestOf(subject), evidence: [], expiresAt: APPROVAL_S * 1000, ...more },
  };
}

export const opened = (step = 'S1', ...hosts: readonly string[]): RunEvent => {
  return { kind: 'stepOpened', step, hosts: hosts.length === 0 ? ['node-1', 'node-2'] : [...hosts] };
};
export const given = (by = sam, more: Partial<EventOf<'approvalGiven'>> = {}): RunEvent => {
  return { kind: 'approvalGiven', request: 'q1', by, stands: stands(by), ...more };
};
export const backed = (by: Person, more: Partial<EventOf<'approvalBacked'>> = {}): RunEvent => {
  return { kind: 'approvalBacked', request: 'q1', by, stands: stands(by), ...more };
};
export const voided: RunEvent = { kind: 'approvalVoided', request: 'q1', why: 'it changed' };
export const place = { step: 'S1', host: 'node-1', attempt: 1 };
export const intended = (more: Partial<EventOf<'attemptIntended'>> = {}): RunEvent => {
  return { kind: 'attemptIntended', ...place, digest: digestOf(subjectFor(itemFor('S1', 'node-1'))), approval: 'q1', ...more };
};
export const ended = (more: Partial<EventOf<'attemptEnded'>> = {}): RunEvent => {
  return { kind: 'attemptEnded', ...place, outcome: { kind: 'finished', status: 0 }, ...more };
};
export const passed = (more: Partial<EventOf<'hostPassed'>> = {}): RunEvent => ({
  kind: 'hostPassed',
  ...place,
  seen: 'all is well',
  ...more,
});
export const over = (outcome: EventOf<'runEnded'>['outcome'] = 'succeeded'): RunEvent => ({ kind: 'runEnded', outcome, why: 'it is over' });
export const trouble = (more: Partial<EventOf<'troubleRaised'>> = {}): RunEvent => ({
  ...{ kind: 'troubleRaised', trouble: 't1', ...place, what: { kind: 'unknown', why: 'nobody saw' } },
  ...{ choices: ['lookAgain', 'settleDone', 'settleFailed', 'abort'], ...more },
});
export const settled = (choice: EventOf<'troubleSettled'>['choice'], by = sam, more: Partial<EventOf<'troubleSettled'>> = {}): RunEvent => {
  return { kind: 'troubleSettled', trouble: 't1', choice, by, reason: 'I looked', stands: stands(by), ...more };
};
export const paused: RunEvent = { kind: 'paused', by: dana, reason: '' };
export const resumed: RunEvent = { kind: 'resumed', by: dana };
export const cancelled: RunEvent = { kind: 'cancelRequested', by: dana, reason: '' };
export const held: RunEvent = { kind: 'runHeld', hold: 'h1', window: 'quarter end', expiresAt: 900_000 };
export const overridden = (by: Person, reason = 'the bank calls'): RunEvent => {
  return { kind: 'holdOverridden', hold: 'h1', by, reason, stands: stands(by) };
};
export const asked = (step = 'S4', more: Partial<EventOf<'questionAsked'>> = {}): RunEvent => {
  return { kind: 'questionAsked', question: 'k1', step, about: 'confirm', text: 'Is it so?', second: 'it goes live', ...more };
};
export const answered = (by = sam, answer = 'done', more: Partial<EventOf<'questionAnswered'>> = {}): RunEvent => {
  return { kind: 'questionAnswered', question: 'k1', by, answer, stands: stands(by), ...more };
};
export const talking: readonly RunEvent[] = [
  opened('S3', 'main-1'),
  { kind: 'attemptIntended', step: 'S3', host: 'main-1', attempt: 1, digest: 'd' },
];
export const main = { step: 'S3', host: 'main-1', attempt: 1 };
export const prompt = (number = 1): RunEvent => ({ kind: 'promptSeen', ...main, number, end: 5, prompt: 'sure?', said: {}, answer: 0 });
export const unforeseen = (number = 1): RunEvent => ({ kind: 'promptSeen', ...main, number, end: 5, prompt: 'odd?', said: {} });
export const told = (more: Partial<EventOf<'promptAnswered'>> = {}): RunEvent => {
  return { kind: 'promptAnswered', ...main, number: 1, answer: 'yes', ...more };
};
export const withheld = (number = 1): RunEvent => ({ kind: 'answerWithheld', ...main, number, why: 'wentOn' });
export const aboutPrompt = (number = 1, more: Partial<EventOf<'questionAsked'>> = {}): RunEvent =>
  asked('S3', { about: 'prompt', host: 'main-1', attempt: 1, number, text: 'odd?', ...more });

export const approved: readonly RunEvent[] = [opened(), request(), given()];
export const users = (...ids: readonly string[]) => ({ users: [...ids], groups: [] });
/** Two of Sam and Alex, and one of Eve. */
export const three: World = {
  cluster: {
    may: {
      ...cluster.may,
      approve: users('U2', 'U3', 'U4'),
      rule: [
        [
          { people: users('U2', 'U3'), count: 2 },
          { people: users('U3', 'U4'), count: 1 },
        ],
      ],
    },
  },
};
export const glassy: World = { cluster: { breakGlass: { people: users('U4', 'U1'), channel: 'C7' } } };
export const broken = (by: Person, more: Partial<EventOf<'glassBroken'>> = {}): RunEvent => {
  return { kind: 'glassBroken', request: 'q1', by, reason: 'it burns', channel: 'C7', stands: stands(by), ...more };
};
export const freezing: World = {
  cluster: { freeze: { timeZone: 'Europe/Berlin', windows: [{ title: 'quarter end' }], override: users('U2', 'U1', 'U5') } },
};
export const factored: World = { cluster: { secondFactor: 'totp' } };
export const both = subjectFor(itemFor('S1', 'node-1'), itemFor('S1', 'node-2'));
export const lost: RunEvent = ended({ outcome: { kind: 'lost', why: 'the store is gone' } });
export const late = (event: RunEvent, seconds: number): At => ({ event, at: seconds * 1000 });
