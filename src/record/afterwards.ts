/** What belongs to a run and came after its end: replies in its thread, and reviews. Its journal is closed, so they stand in the register. */
import { faultOf, type Raw } from '../journal/raw.ts';
import type { Register } from '../journal/register.ts';
import { REGISTER_NAME, type RegisterEvent, registerEventSchema } from '../journal/register-events.ts';
import { createSealer } from '../journal/seal.ts';
import { hashOfTexts } from '../journal/stored.ts';
import { jsonOf } from '../json.ts';
import { afterwardsStatement, isSigned } from '../signature.ts';
import { entryOf, type RecordEntry, type RunRecord } from './model.ts';

export type AfterwardsOf = (run: string) => Promise<readonly RecordEntry[]>;
export type AfterEvent = Extract<RegisterEvent, { kind: 'lateNote' | 'reviewed' }>;

export type AfterwardsParts = {
  readonly register: Pick<Register, 'texts' | 'head'>;
  /** The installation's key for the purpose `register`. */
  readonly sealing: Buffer;
};

/** Only what Keyturn wrote: `keyturn verify` tells what else lies there. The register is read again when it has grown. */
export function createAfterwards({ register, sealing }: AfterwardsParts): AfterwardsOf {
  const sealer = createSealer(sealing);
  const isOurs = (raw: Raw): boolean => faultOf(REGISTER_NAME, raw, sealer) === undefined;
  let read: { readonly hash: string; readonly byRun: ReadonlyMap<string, readonly RecordEntry[]> } | undefined;

  return async (run) => {
    const end = await register.head();
    if (end === undefined) return [];
    if (read?.hash !== end.hash) read = { hash: end.hash, byRun: await byRunIn(register, isOurs) };
    return read.byRun.get(run) ?? [];
  };
}

async function byRunIn(
  { texts }: Pick<Register, 'texts'>,
  isOurs: (raw: Raw) => boolean,
): Promise<ReadonlyMap<string, readonly RecordEntry[]>> {
  const byRun = new Map<string, RecordEntry[]>();
  for await (const raw of texts()) {
    const event = raw === undefined ? undefined : afterEventIn(raw);
    if (raw === undefined || event === undefined || !isOurs(raw)) continue;
    const before = byRun.get(event.run);
    if (before === undefined) byRun.set(event.run, [entryOf(raw)]);
    else before.push(entryOf(raw));
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
