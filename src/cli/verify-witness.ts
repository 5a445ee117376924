/** What this machine remembers of where a log ended, as far as it can be used: without it a log that was cut off together with its head looks whole. */
import { createRegister } from '../journal/register.ts';
import { createWitness, type Witness, WITNESS_FILES } from '../journal/witness.ts';
import { type Findings, NOTHING_FOUND, wholly } from '../verify/fault.ts';
import type { Store } from './store.ts';

export async function witnessFindings(witness: Witness, log: keyof typeof WITNESS_FILES): Promise<Findings> {
  const file = WITNESS_FILES[log];
  const found = await witness.seen().catch(() => 'unreadable' as const);
  if (found === 'unreadable') {
    const sentence = `${file} in KEYTURN_DATA holds nothing that Keyturn writes: whether the end was cut off cannot be told.`;
    return { faults: [wholly('unreadable', sentence)], notices: [] };
  }
  if (found !== undefined) return NOTHING_FOUND;
  const sentence = `Whether the end of ${log === 'runs' ? 'the list of runs' : 'the register'} was cut off cannot be told here: there is no ${file} in KEYTURN_DATA, where bot and workers keep what they have seen.`;
  return { faults: [], notices: [{ seq: 0, sentence }] };
}

/** Refusals, emergencies and second factors. */
export async function judgeRegister({ config, redis, keyFor }: Store): Promise<Findings> {
  const witness = createWitness(config.data, 'register');
  const register = createRegister({ redis, key: keyFor('register'), witness });
  const faults = await register.verify();
  const isEmpty = (await register.head().catch(() => undefined)) === undefined;
  const seen = isEmpty ? NOTHING_FOUND : await witnessFindings(witness, 'register');
  return { faults: [...faults, ...seen.faults], notices: seen.notices };
}
