/** What a record tells once its texts are read: the events, the state that they fold to, and what is wrong with the record. Pure. */
import { hashOfTexts, genesis } from '../journal/stored.ts';
import { actorSchema, type Item, type Recorded, runEventSchema } from '../run/events.ts';
import { fold, foldOn } from '../run/evolve.ts';
import type { RunState } from '../run/state.ts';
import { itemFor } from '../run/subject.ts';
import { isMismatch, type KeptOutput, type RunRecord } from '../record/model.ts';
import { whyAfterwardsDiffer } from '../record/afterwards.ts';
import { headStatement, isSigned } from '../signature.ts';

export type Story = {
  readonly record: RunRecord;
  readonly state: RunState;
  readonly recorded: readonly Recorded[];
  /** Of each start, by its event: what ran. Undefined where that cannot be told from the record. */
  readonly items: ReadonlyMap<number, Item>;
  readonly outputs: ReadonlyMap<string, KeptOutput>;
  readonly faults: readonly string[];
  /** Of the last event, milliseconds since 1970. */
  readonly until: number;
};

export type Told = { readonly kind: 'story'; readonly story: Story } | { readonly kind: 'unreadable'; readonly faults: readonly string[] };

export function storyOf(record: RunRecord): Told {
  const after = whyAfterwardsDiffer(record);
  const faults = [...chainFaults(record), ...signatureFaults(record), ...outputFaults(record), ...(after === undefined ? [] : [after])];
  const recorded: Recorded[] = [];
  for (const { seq, at, actor, event } of record.entries) {
    const read = recordedOf(seq, at, actor, event);
    if (read === undefined)
      return { kind: 'unreadable', faults: [...faults, `Event ${seq} is nothing that this release of Keyturn can read.`] };
    recorded.push(read);
  }
  try {
    const { state, items } = folded(record.run, recorded);
    const outputs = new Map(record.outputs.map((output) => [output.path, output]));
    return { kind: 'story', story: { record, state, recorded, items, outputs, faults, until: recorded.at(-1)?.at ?? 0 } };
  } catch {
    return {
      kind: 'unreadable',
      faults: [...faults, 'The events do not begin with a request for a run, or do not follow from one another.'],
    };
  }
}

function recordedOf(seq: number, at: string, actor: string, event: string): Recorded | undefined {
  try {
    const read = { actor: actorSchema.safeParse(JSON.parse(actor)), event: runEventSchema.safeParse(JSON.parse(event)) };
    return read.actor.success && read.event.success ? { seq, at: Number(at), actor: read.actor.data, event: read.event.data } : undefined;
  } catch {
    return undefined;
  }
}

/** The scripts that started are resolved from the state in which they started. */
function folded(run: string, recorded: readonly Recorded[]): { readonly state: RunState; readonly items: ReadonlyMap<number, Item> } {
  const items = new Map<number, Item>();
  const state = foldOn(fold(run, recorded.slice(0, 1)), recorded.slice(1), (before, each) => {
    const item = startedBy(before, each);
    if (item !== undefined) items.set(each.seq, item);
  });
  return { state, items };
}

function startedBy(state: RunState, { event }: Recorded): Item | undefined {
  if (event.kind !== 'attemptIntended') return undefined;
  const { step: id, host, attempt, approval } = event;
  const approved = approval === undefined ? undefined : state.approvals[approval]?.subject.items;
  const mine = approved?.find((item) => item.step === id && item.host === host && item.attempt === attempt);
  if (mine !== undefined) return mine;
  const step = state.procedure.steps.find((each) => each.id === id);
  if (step?.kind !== 'command' || step.run === undefined) return undefined;
  const item = itemFor(state, step, { host, attempt });
  return item.kind === 'resolved' ? item.value : undefined;
}

/** By the very texts of the entries, as `keyturn verify` does it. */
function chainFaults({ run, entries }: RunRecord): readonly string[] {
  return entries.flatMap((entry, index) => {
    const before = entries[index - 1];
    const edited = hashOfTexts(run, entry) === entry.hash ? [] : [`Event ${entry.seq} is not what was written there.`];
    const isNext = entry.seq === (before?.seq ?? 0) + 1 && entry.prev === (before?.hash ?? genesis(run));
    return isNext ? edited : [...edited, `Event ${entry.seq} does not follow the one before it: something is missing or was moved.`];
  });
}

function signatureFaults({ run, entries, signature }: RunRecord): readonly string[] {
  const last = entries.at(-1);
  if (signature === undefined || last === undefined) return [];
  return isSigned(headStatement(run, last), signature) ? [] : ['The signature is not of this record: its end was changed or cut off.'];
}

function outputFaults({ outputs }: RunRecord): readonly string[] {
  return outputs.flatMap(({ path, content }) => (isMismatch(content) ? [`${path}: ${content.why}`] : []));
}
