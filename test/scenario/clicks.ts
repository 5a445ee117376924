/** Buttons and forms as Slack sends them over HTTP, signed, without a message to click on: whoever holds the ids can make them. */
import { randomBytes } from 'node:crypto';
import type { SandboxSlack } from '../../infra/sandbox/slack/server.ts';
import type { Choice } from '../../src/run/events.ts';
import { asksFirst, type Errand, writeErrand } from '../../src/slack/modals.ts';
import { ACTION, CALLBACK, REASON, requestValue, SETTLE_PREFIX, troubleValue } from '../../src/slack/views/index.ts';

export const [DANA, SAM, ALEX, EVE] = ['U0DANA0001', 'U0SAM00001', 'U0ALEX0001', 'U0GUEST001'];
const CHANNEL = 'C0OPS00001';

type Request = { readonly request: string; readonly digest: string };

export type Hands = {
  approve(person: string, run: string, request: Request): Promise<void>;
  reject(person: string, run: string, request: Request): Promise<void>;
  pause(person: string, run: string): Promise<void>;
  resume(person: string, run: string): Promise<void>;
  cancel(person: string, run: string): Promise<void>;
  settle(person: string, run: string, trouble: string, choice: Choice): Promise<void>;
  /** Whatever `act` sends is sent twice at once, the very same payload. */
  twice(act: () => Promise<void>): Promise<void>;
};

/** Each resolves when Bolt has acknowledged it. Throws where it does not. */
export function buttons(slack: SandboxSlack): Hands {
  let copies = 1;

  async function send(payload: object): Promise<void> {
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
    const receipts = await Promise.all(Array.from({ length: copies }, () => slack.deliverRaw({ body })));
    const bad = receipts.find(({ kind }) => kind !== 'acked');
    if (bad !== undefined) throw new Error(`Bolt did not take a payload: ${JSON.stringify(bad)}`);
  }

  const who = (user: string) => ({ user: { id: user, team_id: 'T0SANDBOX1' }, team: { id: 'T0SANDBOX1' }, api_app_id: 'A1' });
  const word = (): string => randomBytes(8).toString('hex');

  function press(person: string, action_id: string, value: string): Promise<void> {
    return send({
      type: 'block_actions',
      ...who(person),
      channel: { id: CHANNEL },
      container: { type: 'message', channel_id: CHANNEL, message_ts: '1.1' },
      message: { ts: '1.1' },
      trigger_id: word(),
      actions: [{ type: 'button', action_id, block_id: 'b', value, action_ts: '1.1' }],
    });
  }

  function submit(person: string, errand: Errand): Promise<void> {
    const values = { [REASON.block]: { [REASON.action]: { type: 'plain_text_input', value: 'because' } } };
    const view = {
      id: `V${word()}`,
      type: 'modal',
      callback_id: CALLBACK[errand.kind],
      private_metadata: writeErrand(errand),
      state: { values },
    };
    return send({ type: 'view_submission', ...who(person), trigger_id: word(), view });
  }

  return {
    approve: (person, run, { request, digest }) => press(person, ACTION.approve, requestValue({ run, request, digest })),
    reject: (person, run, { request }) => submit(person, { kind: 'reject', run, request, channel: CHANNEL }),
    pause: (person, run) => press(person, ACTION.pause, run),
    resume: (person, run) => press(person, ACTION.resume, run),
    cancel: (person, run) => submit(person, { kind: 'cancel', run, channel: CHANNEL }),
    settle: (person, run, trouble, choice) =>
      asksFirst(choice)
        ? submit(person, { kind: 'settle', run, trouble, choice, channel: CHANNEL })
        : press(person, `${SETTLE_PREFIX}${choice}`, troubleValue(run, trouble, choice)),
    async twice(act) {
      copies = 2;
      const sent = act();
      copies = 1;
      await sent;
    },
  };
}
