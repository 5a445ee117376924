/** Every run of a town, of whichever procedure, is exported before its Redis goes: each form must come out, and the record must prove by itself. */
import pino from 'pino';
import { createArchive } from '../../src/archive/files.ts';
import { FORMATS, render } from '../../src/export/render.ts';
import { summaryOf } from '../../src/export/period.ts';
import { openInstallationKey } from '../../src/installation-key.ts';
import { everyFinished } from '../../src/journal/every-finished.ts';
import { createJournal } from '../../src/journal/journal.ts';
import { createNotes } from '../../src/journal/notes.ts';
import { createRegister } from '../../src/journal/register.ts';
import { recordSchema } from '../../src/record/model.ts';
import { createRecords } from '../../src/record/records.ts';
import { type AfterwardsOf, createAfterwards } from '../../src/record/afterwards.ts';
import { connectRedis, disconnectRedis, type RedisClient } from '../../src/redis/connect.ts';
import { createSigner } from '../../src/signature.ts';
import { judgeRecord } from '../../src/verify/record.ts';

type Place = { readonly redisUrl: string; readonly keyFile: string; readonly folder: string };

function afterwardsIn(redis: RedisClient, sealing: Buffer): AfterwardsOf {
  return createAfterwards({ register: createRegister({ redis, key: sealing }), sealing });
}

/** Throws with what an export of a finished run lacks. `folder`: of the record. */
export async function expectExported({ redisUrl, keyFile, folder }: Place): Promise<void> {
  const redis = await connectRedis(redisUrl, { role: 'journal', log: pino({ level: 'silent' }) });
  try {
    const keyFor = await openInstallationKey(keyFile);
    const [signing, sealing, archive] = [keyFor('signature'), keyFor('journal'), createArchive(folder)];
    const journal = createJournal<unknown>({ redis, decode: (event) => event, key: sealing, archive });
    const records = createRecords({
      journal,
      notes: createNotes(redis, archive),
      signing,
      sealing,
      afterwardsOf: afterwardsIn(redis, keyFor('register')),
      folder,
    });
    const pinned = createSigner(signing).key;
    for await (const { run } of everyFinished(journal)) {
      const made = await records.of(run);
      if (made === undefined) throw new Error(`${run} is in the list of finished runs and cannot be exported`);
      const record = recordSchema.parse(JSON.parse(render(made, 'json')));
      const { faults } = judgeRecord(record, { key: sealing, pinned });
      const { procedure } = summaryOf(record);
      const lacking = FORMATS.filter((format) => ![run, procedure].every((word) => render(record, format).includes(word)));
      const wrong = [...faults.map(({ sentence }) => sentence), ...lacking.map((format) => `As ${format} it lacks its run or procedure.`)];
      if (wrong.length > 0) throw new Error(`the export of ${run} (${procedure}) is not sound: ${wrong.join(' ')}`);
    }
  } finally {
    await disconnectRedis(redis);
  }
}
