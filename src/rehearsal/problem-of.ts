/** Why a rehearsed host lets nobody in, in the words that the real connection has for it. */
import type { HostProblem } from '../ssh/outcome.ts';
import * as problems from '../ssh/problems.ts';
import type { Target } from '../ssh/target.ts';
import type { Refusal } from './model.ts';

/** Of no key in the world. */
const FINGERPRINT = 'SHA256:rehearsalrehearsalrehearsalrehearsalrehears';

export function problemOf(why: Refusal, target: Target): HostProblem {
  switch (why) {
    case 'unreachable':
      return problems.unreachable(target, 'no answer');
    case 'host-key-changed':
      return problems.hostKeyChanged(target, FINGERPRINT, ['another key']);
    case 'host-key-unknown':
      return problems.hostKeyUnknown(target, FINGERPRINT);
    case 'login-refused':
      return problems.authRefused(target);
    case 'no-shell':
      return problems.noShell(target, '');
  }
}
