/** The example records are what Keyturn wrote: whole, signed, and rendered to the same bytes. After a change: UPDATE_EXAMPLES=1 (docs/record.md). */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { render } from '../../src/export/render.ts';
import { genesis, hashOfTexts } from '../../src/journal/stored.ts';
import { recordSchema } from '../../src/record/model.ts';
import { runEventSchema } from '../../src/run/events.ts';
import { headStatement, isSigned } from '../../src/signature.ts';
import { violationsIn } from '../../src/run/invariants.ts';

const FOLDER = 'docs/examples';
const names = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []));
const read = (file: string): string => readFileSync(`${FOLDER}/${file}`, 'utf8');
const recordOf = (name: string) => recordSchema.parse(JSON.parse(read(`${name}.json`)));
const eventsOf = (name: string) => recordOf(name).entries.map(({ event }) => runEventSchema.parse(JSON.parse(event)));

test('every product has its example, and the documentation names it', () => {
  const products = names.map((name) => eventsOf(name).flatMap((event) => (event.kind === 'runRequested' ? [event.procedure.product] : [])));
  expect(products.flat().sort()).toEqual(['alation', 'amp', 'atscale']);
  const guide = readFileSync('docs/record.md', 'utf8');
  for (const file of readdirSync(FOLDER)) expect(guide).toContain(`examples/${file}`);
});

describe.each(names)('%s', (name) => {
  test('each event follows the one before it, to the signed head', () => {
    const { run, entries, signature } = recordOf(name);
    let prev = genesis(run);
    for (const [index, entry] of entries.entries()) {
      expect(entry.seq).toBe(index + 1);
      expect(entry.prev).toBe(prev);
      expect(hashOfTexts(run, entry)).toBe(entry.hash);
      prev = entry.hash;
    }
    const last = entries.at(-1);
    if (last === undefined || signature === undefined) throw new Error('it is not signed');
    expect(isSigned(headStatement(run, last), signature)).toBe(true);
    expect(isSigned(headStatement(run, { ...last, hash: genesis(run) }), signature)).toBe(false);
  });

  test('nothing in it was done without leave', () => {
    const { run, entries } = recordOf(name);
    const recorded = entries.map(({ seq, at, actor, event }) => ({
      ...{ seq, at: Number(at), actor: JSON.parse(actor) },
      event: runEventSchema.parse(JSON.parse(event)),
    }));
    expect(violationsIn(run, recorded, { stands: true })).toEqual([]);
  });

  test.each(['json', 'md', 'html'] as const)('as %s it is rendered to the same bytes', (format) => {
    const text = render(recordOf(name), format);
    if (process.env.UPDATE_EXAMPLES === '1') writeFileSync(`${FOLDER}/${name}.${format}`, text);
    expect(text === read(`${name}.${format}`)).toBe(true);
  });

  test('a second person stood for every approval', () => {
    const events = eventsOf(name);
    const requester = events.flatMap((event) => (event.kind === 'runRequested' ? [event.requester.user] : []))[0];
    const given = events.flatMap((event) => (event.kind === 'approvalGiven' ? [event.by.user] : []));
    expect(given.length).toBeGreaterThan(0);
    expect(given).not.toContain(requester);
  });

  test('it is small enough to be read', () => {
    for (const format of ['json', 'md', 'html']) expect(statSync(`${FOLDER}/${name}.${format}`).size).toBeLessThan(250_000);
  });
});

test('among them are a refusal, an override, a trouble and an edited note', () => {
  const kinds = new Set(names.flatMap((name) => eventsOf(name).map(({ kind }) => kind)));
  for (const kind of ['refused', 'troubleSettled', 'noted', 'noteEdited', 'questionAnswered', 'holdOverridden', 'stepSkipped'])
    expect(kinds).toContain(kind);
});
