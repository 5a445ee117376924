/** Looks at a host for a step: with the step's values, secrets, shell and user, outside the supervisor. Changes nothing anywhere. */
import { findHost } from '../inventory/hosts.ts';
import type { Host } from '../inventory/model.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { Setting } from '../run/context.ts';
import { sendable } from '../run/send.ts';
import { environmentOf } from '../run/subject.ts';
import type { ProbeAnswer } from '../ssh/probe.ts';
import type { Eyes } from './hands.ts';
import { targetOf } from './target.ts';

export type Looked = ProbeAnswer | { readonly kind: 'blocked'; readonly why: string };

/** Runs a read-only script as the step would run it. */
export type Look = (host: Host, step: CommandStep, script: string, timeoutSeconds: number) => Promise<Looked>;

export function lookFor(eyes: Eyes, setting: Setting): Look {
  const { cluster, procedure } = setting;
  return async (wanted, step, script, timeoutSeconds) => {
    const host = findHost(cluster, wanted.name) ?? wanted;
    const env = environmentOf(setting, step, host);
    if (env.kind === 'blocked') return env;
    const item = { script, env: env.value, ...(step.shell === undefined ? {} : { shell: step.shell }) };
    const sending = sendable(item, (name) => eyes.secrets(cluster, name), Object.keys(procedure.secrets));
    if (sending.kind === 'blocked') return sending;
    return eyes.probe(targetOf(cluster, host, eyes.login, step.become), { ...sending.sent, timeoutSeconds });
  };
}

/** Why a look gave nothing to read, in words. */
export function whyNot(answer: Looked): string {
  switch (answer.kind) {
    case 'answered':
      return `exit status ${answer.status}: ${lastLine(answer.stderr) || lastLine(answer.stdout) || 'nothing was printed'}`;
    case 'refused':
      return `${answer.why.message} Check: ${answer.why.check}`;
    case 'lost':
      return `the connection broke: ${answer.why}`;
    case 'timedOut':
      return 'no answer within the time limit';
    case 'blocked':
      return answer.why;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
