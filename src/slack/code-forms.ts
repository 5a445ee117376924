/**
 * Forms that ask for a code of the second factor, and when they are opened instead of acting at once.
 *
 * 1. Nothing is decided here: a form without a code, forged or of another release, proves nothing, and the desk then wants one.
 * 2. A form carries what it was opened for (the digest of what was shown, the id of the trouble or question); another thing's code is none for it.
 */
import type { Standing } from '../run/authorise.ts';
import { decide, type Intent } from '../run/intents.ts';
import { proofWanted } from '../run/proof.ts';
import type { RunState } from '../run/state.ts';
import { type Errand, intentOf, modalFor } from './modals.ts';
import type { Office } from './office.ts';
import { codeFor } from './views/index.ts';

/** `wantedFor`: what a code is wanted for, where one is (`codeFor`). */
export function openForm(office: Office, trigger: string, errand: Errand, wantedFor: string | undefined): Promise<void> {
  return office.openForm(trigger, modalFor(errand, wantedFor), 'nothing was done; press the button again.');
}

/** What the form of this errand wants a code for. Whatever never needs one is opened without asking Redis, and nothing is told of other channels' runs. */
export async function codeForErrand(office: Office, errand: Errand): Promise<string | undefined> {
  if (errand.kind === 'reject' || errand.kind === 'cancel') return undefined;
  const state = await office.desk.state(errand.run);
  if (state === undefined || state.channel.id !== errand.channel) return undefined;
  const { intent } = intentOf(errand, '');
  return proofWanted(state, intent) === undefined ? undefined : codeFor(state, intent);
}

/** The run as it is, and who asks. */
export type Judged = { readonly state: RunState; readonly standing: Standing };

/**
 * Opens the form where a code is wanted, and only that: whoever may not, or comes too late, is told so by the desk, without typing anything.
 * False: nothing was opened.
 */
export async function openedForCode(
  office: Office,
  trigger: string,
  { state, standing }: Judged,
  { intent, form }: { readonly intent: Intent; readonly form?: Errand | undefined },
): Promise<boolean> {
  const about = proofWanted(state, intent);
  if (about === undefined || form === undefined) return false;
  if (decide(state, intent, { ...standing, proof: { about } }, Date.now()).kind !== 'taken') return false;
  await openForm(office, trigger, form, codeFor(state, intent));
  return true;
}
