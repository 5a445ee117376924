/** Slack's search, notifications and screen readers know only the text of a message: over whole histories it says everything by itself. */
import { readFileSync } from 'node:fs';
import { recordSchema } from '../../../src/record/model.ts';
import { actorSchema, type Recorded, runEventSchema } from '../../../src/run/events.ts';
import { fold } from '../../../src/run/evolve.ts';
import { type Message, thread } from '../../../src/slack/views/index.ts';
import { outcomeWord, troubleWord } from '../../../src/slack/views/words.ts';
import { events, recorded, steps } from './sample.ts';
import { dana, journal } from '../../run/samples.ts';

const EXAMPLES = ['alation-ha-setup', 'amp-failover-drill', 'atscale-restart'];
const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

function example(name: string): readonly [run: string, history: readonly Recorded[]] {
  const { run, entries } = recordSchema.parse(JSON.parse(file(`docs/examples/${name}.json`)));
  return [
    run,
    entries.map(({ seq, at, actor, event }) => ({
      seq,
      at: Number(at),
      actor: actorSchema.parse(JSON.parse(actor)),
      event: runEventSchema.parse(JSON.parse(event)),
    })),
  ];
}

const RUN = 'run7f3k2q';
const rough = journal(steps, [
  ...events.slice(0, 8),
  { kind: 'approvalReminded', request: 'q1' },
  { kind: 'approvalRejected', request: 'q1', by: dana, reason: 'not now' },
  {
    kind: 'troubleRaised',
    trouble: 't1',
    step: 'S3',
    host: 'main-1',
    attempt: 1,
    what: { kind: 'rejected', why: 'rejected by Dana' },
    choices: ['askAgain', 'abort'],
  },
  { kind: 'troubleSettled', trouble: 't1', choice: 'abort', by: dana, reason: 'enough' },
  { kind: 'cancelRequested', by: dana, reason: '' },
  { kind: 'runEnded', outcome: 'aborted', why: 'aborted by Dana' },
]);

const histories = [
  ...EXAMPLES.map((name) => [name, ...example(name)] as const),
  ['sample', RUN, recorded] as const,
  ['rough', RUN, rough] as const,
];

describe.each(histories)('%s', (_name, run, history) => {
  const state = fold(run, history);
  const messages = thread(state, history, [], history.at(-1)?.at ?? 0);

  test.each(messages.map((message) => [message.key, message] as const))('%s says whose run it is', (_key, { text }) => {
    expect(text).toContain(state.procedure.name);
    expect(text).toContain(state.cluster.name);
    expect(text).toMatch(new RegExp(`\\b${run}\\b`));
  });

  test.each(placed(history).map((each) => [`${each.kind} of event ${each.seq}`, each] as const))(
    '%s says step and host',
    (_title, each) => {
      const about = messages.filter(({ seq, place, key }) => seq === each.seq && place.kind !== 'top' && !key.startsWith('plan'));
      for (const { text } of about) {
        expect(text).toMatch(new RegExp(`\\b${each.step}\\b`));
        if (each.host !== undefined) expect(text).toContain(each.host);
      }
    },
  );

  test('every ending has its word from the list', () => {
    const endings = messages.filter(isEnding);
    expect(endings.length).toBeGreaterThan(2);
    for (const { text } of endings) expect(text).toMatch(anyOf(wordsInDocs()));
  });
});

test('each word that is said of an outcome or a trouble is in the list', () => {
  const why = '';
  const troubles = ['failed', 'unknown', 'checkFailed', 'rejected', 'expired', 'blocked', 'declined'] as const;
  const said = [
    ...troubles.map((kind) => troubleWord({ kind, why })),
    troubleWord({ kind: 'rolesChanged', why, roles: {} }),
    outcomeWord({ kind: 'finished', status: 0 }),
    outcomeWord({ kind: 'finished', status: 1 }),
    outcomeWord({ kind: 'refused', code: '', message: '', check: '' }),
    outcomeWord({ kind: 'timedOut', remaining: [] }),
    outcomeWord({ kind: 'cancelled', remaining: [] }),
    outcomeWord({ kind: 'lost', why }),
  ];
  expect(wordsInDocs()).toEqual(expect.arrayContaining(said));
});

/** What happened at a step. */
function placed(history: readonly Recorded[]) {
  return history.flatMap(({ seq, event }) => {
    const step = 'step' in event ? event.step : undefined;
    const host = 'host' in event ? event.host : undefined;
    return step === undefined ? [] : [{ seq, kind: event.kind, step, host }];
  });
}

function isEnding({ key, final }: Message): boolean {
  return final && /^(attempt:|skipped:|not-needed:|trouble:|end$|card$)/.test(key);
}

/** The list in docs/thread.md is the promise; each word stands there in backticks. */
function wordsInDocs(): readonly string[] {
  const section = /## Words that never vary\n([\s\S]*?)\n## /.exec(file('docs/thread.md'))?.[1] ?? '';
  return [...section.matchAll(/`([a-z ]+)`/g)].flatMap(([, word]) => (word === undefined ? [] : [word]));
}

function anyOf(list: readonly string[]): RegExp {
  return new RegExp(`: (?:${list.join('|')})\\b|, (?:${list.join('|')})\\b`);
}
