/** Records of runs as an export holds them: journal, thread, signature, and the contents of outputs up to a limit. Reads only. */
import type { Journal } from '../journal/journal.ts';
import type { Notes } from '../journal/notes.ts';
import { createSigner } from '../signature.ts';
import type { AfterwardsOf } from './afterwards.ts';
import { createContents, type LIMITS } from './contents.ts';
import { gatherRecord } from './gather.ts';
import type { RunRecord } from './model.ts';
import { postedIn } from '../slack/outbox/ledger.ts';

export type RecordsParts = {
  readonly journal: Pick<Journal<unknown>, 'inspect'>;
  readonly notes: Notes;
  /** 32 bytes: the installation's key for the purpose `signature`. */
  readonly signing: Buffer;
  /** The one for the purpose `journal`. */
  readonly sealing: Buffer;
  readonly afterwardsOf: AfterwardsOf;
  /** `config.record`. */
  readonly folder: string;
  readonly limits?: typeof LIMITS;
};

export type Records = {
  /** Undefined where nobody knows the run. A damaged journal is given as it lies there. */
  readonly of: (run: string) => Promise<RunRecord | undefined>;
  /** The same without the contents of outputs, and without reading them. */
  readonly withoutOutputs: (run: string) => Promise<RunRecord | undefined>;
};

export function createRecords({ journal, notes, signing, sealing, afterwardsOf, folder, limits }: RecordsParts): Records {
  const sources = {
    inspect: (run: string) => journal.inspect(run),
    threadOf: async (run: string) => postedIn(await notes.thread(run).all()),
    signer: createSigner(signing),
    sealing,
    afterwardsOf,
  };
  return {
    of: (run) => gatherRecord({ ...sources, content: createContents(folder, limits) }, run),
    withoutOutputs: (run) => gatherRecord({ ...sources, content: async () => ({ kind: 'elsewhere', why: 'it was not looked at' }) }, run),
  };
}
