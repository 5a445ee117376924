import { ALL_RUNS } from '../../src/history/query.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createIndex } from '../../src/history/index.ts';
import { wordsGiven } from '../../src/history/summary.ts';
import {
  answered,
  asked,
  backed,
  begun,
  eve,
  given,
  itemFor,
  journal,
  request,
  settled,
  stands,
  subjectFor,
  trouble,
} from '../run/histories.ts';
import { alex } from '../run/samples.ts';

const dana = { team: 'T1', user: 'U0DANA0001', name: 'Dana Reyes' };
const sam = { team: 'T1', user: 'U0SAM00001', name: 'Sam Okafor' };
const base = {
  seq: 1,
  procedure: 'restart',
  product: 'atscale',
  cluster: 'prod',
  hosts: [],
  roles: [],
  outcome: 'failed',
  ended: 9,
  channel: 'C1',
  words: 'U0SAM00001',
} as const;

test('only runs that the person approved, not requested', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyturn-approvers-'));
  const index = createIndex({
    file: join(folder, 'history.db'),
    store: 'one',
    exclusive: async (work) => ({ value: work(), alone: true }),
  });
  await index.put([
    { ...base, run: 'runa', started: 1, requester: dana, approvers: [sam] },
    { ...base, run: 'runb', started: 2, requester: sam, approvers: [dana] },
    { ...base, run: 'runc', started: 3, requester: dana, approvers: [dana, sam] },
  ]);
  const page = await index.search(ALL_RUNS, { mayRead: () => true, accounts: [] }, 5, ['U0SAM00001']);
  expect(page.rows.map(({ run }) => run)).toEqual(['runc', 'runa']);
  const hidden = await index.search(ALL_RUNS, { mayRead: () => false, accounts: ['U0SAM00001'] }, 5, ['U0SAM00001']);
  expect(hidden.rows).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

test('each word of a second person is told with its steps, gates are not', () => {
  const two = subjectFor(itemFor('S1', 'node-1'), itemFor('S3', 'main-1'));
  const told = wordsGiven(
    journal(
      begun(),
      request(two),
      backed(alex),
      given(),
      request(two, { request: 'q2', needs: 'gate' }),
      given(eve, { request: 'q2' }),
      trouble(),
      settled('settleDone'),
      asked(),
      answered(alex),
      request(two, { request: 'q3' }),
      { kind: 'glassBroken', request: 'q3', by: eve, reason: 'all is down', stands: stands(eve), channel: 'C7' },
    ),
  );
  expect(told.map(({ by, steps, what }) => `${by.name} ${what} ${steps.join('+')}`)).toEqual([
    'Alex approval S1+S3',
    'Sam approval S1+S3',
    'Sam choice S1',
    'Alex answer S4',
    'Eve break-glass S1+S3',
  ]);
});
