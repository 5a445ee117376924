/** What people in Slack do in a run of Alation's procedures: approve, confirm, press Done. */
import { controlsOf, type Message, visibleText } from '../../infra/sandbox/slack/server.ts';
import type { SandboxProduct } from '../../infra/sandbox/hosts/product.ts';
import { OPS, type ThreadView, type Town } from './town.ts';

const YES = /^(Approve|Yes, Confirmed$|Done$)/;

/** Sam says yes to whatever the run asks, until its words stand in the thread; `before` hears each card that is about to be answered. */
export async function sayYesUntil(
  { slack }: Pick<Town<SandboxProduct>, 'slack'>,
  thread: ThreadView,
  words: RegExp,
  before: (card: string) => void = () => undefined,
): Promise<void> {
  const isThere = (): boolean => thread.texts().some((text) => words.test(text));
  const asking = (): Message | undefined => thread.messages().findLast((message) => labelIn(message) !== undefined);
  for (;;) {
    await slack.waitFor(() => isThere() || asking() !== undefined, { what: `${words} or a card that asks`, timeoutMs: 30_000 });
    const card = asking();
    if (isThere() || card === undefined) return;
    before(visibleText(card));
    await slack.person('sam').click({ channel: OPS, ts: card.ts, label: YES });
    await slack.waitFor(() => asking()?.ts !== card.ts, { what: 'the card without its buttons', timeoutMs: 30_000 });
  }
}

function labelIn(message: Message): string | undefined {
  return controlsOf(message.blocks)
    .map(({ label }) => label)
    .find((label) => YES.test(label));
}
