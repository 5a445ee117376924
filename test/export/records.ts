/** Records of hand-made runs: chained, sealed and signed as Keyturn does it. */
import { chainAfter, genesis } from '../../src/journal/stored.ts';
import { createSealer } from '../../src/journal/seal.ts';
import { outputsIn } from '../../src/record/entries.ts';
import { type KeptOutput, RECORD_FORMAT, type RecordEntry, type RunRecord } from '../../src/record/model.ts';
import type { Output, RunEvent } from '../../src/run/events.ts';
import { createSigner, headStatement } from '../../src/signature.ts';
import * as of from '../run/histories.ts';
import { alex, dana, sam } from '../run/samples.ts';

export const KEY = Buffer.alloc(32, 7);
export const RUN = of.RUN;
const FIRST = Date.UTC(2026, 10, 25, 10, 0, 0);

/** `seconds`: between two events. */
export function recordOf(
  events: readonly RunEvent[],
  contents: Readonly<Record<string, KeptOutput['content']>> = {},
  seconds = 20,
): RunRecord {
  const sealer = createSealer(KEY);
  const entries: RecordEntry[] = [];
  let head = { seq: 0, hash: genesis(RUN) };
  events.forEach((event, index) => {
    const envelope = { at: FIRST + index * seconds * 1000, actor: of.actorOf(event), id: `e${index}` };
    const { stored, fields } = chainAfter(RUN, head, [event], envelope, sealer);
    const [id = '', at = '', actor = '', prev = '', hash = '', text = '', seal = ''] = fields;
    const seq = stored[0]?.seq ?? 0;
    entries.push({ seq, id, at, actor, prev, hash, event: text, seal });
    head = { seq, hash };
  });
  const outputs = outputsIn(entries).map((output) => ({ ...output, content: contents[output.path] ?? elsewhere }));
  const isOver = events.at(-1)?.kind === 'runEnded';
  const signature = isOver ? { signature: createSigner(KEY).sign(headStatement(RUN, head)) } : {};
  return { format: RECORD_FORMAT, run: RUN, entries, ...signature, posted: [], outputs };
}

const elsewhere: KeptOutput['content'] = { kind: 'elsewhere', why: 'it is larger than an export holds' };

export function output(head: string, more: Partial<Output> = {}): Output {
  return { bytes: Buffer.byteLength(head), lines: head.split('\n').length, sha256: 'e'.repeat(64), head, tail: head, ...more };
}

/** Everything that can happen to a run, with `text` wherever somebody or something speaks. */
export function everything(text: string): RunRecord {
  const second = { ...of.place, host: 'node-2' };
  const subject = of.subjectFor(
    { ...of.itemFor('S1', 'node-1'), script: text, env: { VALUE: text }, diff: text },
    of.itemFor('S1', 'node-2'),
  );
  const long = output(text, { path: 'output/run2/S1.node-1.1.log.gz' });
  const by = { ...dana, name: text };
  return recordOf(
    [
      { ...first, params: { note: text }, requester: by, procedure: { ...first.procedure, title: text, source: text } },
      of.held,
      of.overridden(sam, text),
      of.opened(),
      of.request(subject, {
        why: text,
        evidence: [text],
        checks: [{ host: 'node-1', what: text, ok: false, seen: text }],
        changed: [text],
      }),
      { kind: 'noted', ts: '1790000000.000100', by, text, files: [text] },
      { kind: 'refused', person: { ...alex, name: text }, action: 'approve', why: text },
      of.given(sam),
      of.intended(),
      of.ended({ output: long }),
      of.passed({ seen: text, warnings: [text] }),
      { kind: 'noteEdited', ts: '1790000000.000100', text },
      of.intended({ ...second }),
      of.ended({ ...second, outcome: { kind: 'lost', why: text }, output: output(text) }),
      of.trouble({ ...second, what: { kind: 'unknown', why: text } }),
      of.settled('settleDone', sam, { reason: text }),
      { kind: 'noteDeleted', ts: '1790000000.000100' },
      { kind: 'stepSkipped', step: 'S2', why: text },
      ...of.talking,
      of.unforeseen(),
      of.aboutPrompt(1, { text }),
      of.answered(dana, text),
      of.told({ answer: text, by }),
      { ...of.main, kind: 'attemptEnded', outcome: { kind: 'finished', status: 0 } },
      of.passed({ ...of.main }),
      { kind: 'paused', by: dana, reason: text },
      of.resumed,
      of.asked('S4', { question: 'k2', text, second: text }),
      of.answered(sam, 'declined', { question: 'k2' }),
      { kind: 'runEnded', outcome: 'failed', why: text },
    ],
    { [long.path ?? '']: { kind: 'text', text } },
  );
}

const begun = of.begun(of.freezing);
if (begun.kind !== 'runRequested') throw new Error('a run begins with its request');
const first = begun;

export const sound: readonly RunEvent[] = [
  first,
  ...of.approved,
  of.intended(),
  of.ended({ output: output('all is well\n') }),
  of.passed(),
  of.over(),
];
