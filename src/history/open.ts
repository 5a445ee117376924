/** The history of this installation: its index, and what fills it. */
import { join } from 'node:path';
import type { Base } from '../base.ts';
import { readOutput } from '../record/read-output.ts';
import { createExclusive } from './exclusive.ts';
import { createIndex } from './index.ts';
import type { KeepUpParts } from './keep-up.ts';

/** Opens no file yet. */
export async function openHistory({
  config,
  journal,
  leases,
  owner,
  log,
}: Pick<Base, 'journal' | 'leases' | 'owner' | 'log'> & {
  readonly config: Pick<Base['config'], 'data' | 'record'>;
}): Promise<KeepUpParts> {
  const file = join(config.data, 'index', 'history.db');
  const index = createIndex({
    file,
    store: await journal.storeId(),
    exclusive: createExclusive(leases, file, owner),
    onRebuild: (why) => log.info({ file, why }, 'the history is begun anew; the journals are the truth'),
  });
  return { journal, index, log, outputText: (output, maxBytes) => readOutput(config.record, { ...output, dropped: 0 }, maxBytes) };
}
