/** What belongs to a run and came after its end: replies in its thread, and reviews. Its journal is closed, so they stand in the register. */
import { faultOf, type Raw } from '../journal/raw.ts';
import { REGISTER_NAME, type RegisterEvent, registerEventSchema } from '../journal/register-events.ts';
import { createSealer } from '../journal/seal.ts';
import { type Head, hashOfTexts } from '../journal/stored.ts';
import { jsonOf } from '../json.ts';
import { afterwardsStatement, isSigned } from '../signature.ts';
import { entryOf, type RecordEntry, type RunRecord } from './model.ts';

export type AfterwardsOf = (run: string) => Promise<readonly RecordEntry[]>;
export type AfterEvent = Extract<RegisterEvent, { kind: 'lateNote' | 'reviewed' }>;

export type AfterwardsParts = {
  /** Everything in the register, as it lies there. */
  readonly texts: () => Promise<readonly (Raw | undefined)[]>;
  readonly head: () => Promise<Head | undefined>;
  /** The installation's key for the purpose `register`. */
  readonly sealing: Buffer;
};

/** Only what Keyturn wrote: `keyturn verify` tells what else lies there. The register is read again when it has grown. */
export function createAfterwards({ texts, head, sealing }: AfterwardsParts): AfterwardsOf {
  const sealer = createSealer(sealing);
  let read: { readonly hash: string; readonly byRun: ReadonlyMap<string, readonly RecordEntry[]> } | undefined;

  return async (run) => {
    const end = await head();
    if (end === undefined) return [];
    if (read?.hash !== end.hash) {
      const proved = (await texts()).flatMap((raw) =>
        raw === undefined || faultOf(REGISTER_NAME, raw, sealer) !== undefined ? [] : [raw],
      );
      read = { hash: end.hash, byRun: grouped(proved) };
    }
    return read.byRun.get(run) ?? [];
  };
}

function grouped(all: readonly Raw[]): ReadonlyMap<string, readonly RecordEntry[]> {
  const byRun = new Map<string, RecordEntry[]>();
  for (const raw of all) {
    const event = afterEventIn(raw);
    if (event !== undefined) byRun.set(event.run, [...(byRun.get(event.run) ?? []), entryOf(raw)]);
  }
  return byRun;
}

export function afterEventIn({ event }: Pick<RecordEntry, 'event'>): AfterEvent | undefined {
  const { data } = registerEventSchema.safeParse(jsonOf(event));
  return data?.kind === 'lateNote' || data?.kind === 'reviewed' ? data : undefined;
}

/** Why this is not what was signed together; undefined where it is, or where nothing came after the end. */
export function whyAfterwardsDiffer({ run, afterwards }: RunRecord): string | undefined {
  if (afterwards === undefined) return undefined;
  const { entries, signature } = afterwards;
  const edited = entries.find((entry) => hashOfTexts(REGISTER_NAME, entry) !== entry.hash || afterEventIn(entry)?.run !== run);
  if (edited !== undefined) return `What came after the end: entry ${edited.seq} of the register is not what was written there.`;
  if (isSigned(afterwardsStatement(run, entries), signature)) return undefined;
  return 'What came after the end is not what was signed: something was added or taken out.';
}
