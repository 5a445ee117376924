/**
 * Forms: what they say, whether they ask for a code of the second factor, and when they are opened instead of acting at once.
 *
 * 1. Nothing is decided here: a form without a code, forged or of another release, proves nothing, and the desk then wants one.
 * 2. A form carries what it was opened for (the digest of what was shown, the id of the trouble or question); another thing's code is none for it.
 */
import type { Standing } from '../run/authorise.ts';
import { decide, type Intent } from '../run/intents.ts';
import { proofWanted } from '../run/proof.ts';
import type { RunState } from '../run/state.ts';
import { type Errand, intentOf, type Matter, modalFor } from './modals.ts';
import type { Office } from './office.ts';
import { codeFor } from './views/index.ts';

export function openForm(office: Office, trigger: string, errand: Errand, matter: Matter): Promise<void> {
  return office.openForm(trigger, modalFor(errand, matter), 'nothing was done; press the button again.');
}

/** What the form of this errand says. What stops a run is opened without asking Redis, and nothing is told of other channels' runs. */
export async function matterOf(office: Office, errand: Errand): Promise<Matter> {
  if (errand.kind === 'reject' || errand.kind === 'cancel') return {};
  const state = await office.desk.state(errand.run);
  if (state === undefined || state.channel.id !== errand.channel) return {};
  return matterIn(state, intentOf(errand, '').intent);
}

function matterIn(state: RunState, intent: Intent): Matter {
  return { about: codeFor(state, intent), code: proofWanted(state, intent) !== undefined };
}

/** What goes round a rule: whoever may not is told so before typing a reason, and only who may gets the form. */
export type Emergency = Extract<Errand, { kind: 'override' | 'breakGlass' }>;

export function isEmergency(errand: Errand): errand is Emergency {
  return errand.kind === 'override' || errand.kind === 'breakGlass';
}

/** False: nothing was opened, and the desk says why. */
export async function openedForReason(office: Office, trigger: string, { state, standing }: Judged, errand: Emergency): Promise<boolean> {
  const { intent } = intentOf(errand, 'not known yet');
  const about = proofWanted(state, intent);
  const proved = about === undefined ? standing : { ...standing, proof: { about } };
  if (decide(state, intent, proved, Date.now()).kind !== 'taken') return false;
  await openForm(office, trigger, errand, matterIn(state, intent));
  return true;
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
  await openForm(office, trigger, form, matterIn(state, intent));
  return true;
}
