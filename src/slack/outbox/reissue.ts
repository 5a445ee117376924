/** What can no longer be written into its message is said in a new one. Pure. */
import { deliveryOf, type Message } from '../views/index.ts';
import type { Entry } from './ledger.ts';

/** The messages, with a new reply for each whose final content could not be written where it belongs. The top card needs none: the run's end is a reply. */
export function withReissues(run: string, messages: readonly Message[], entries: ReadonlyMap<string, Entry>): readonly Message[] {
  const anew = messages.filter(
    (message) => message.final && message.place.kind === 'reply' && entries.get(message.key)?.state === 'frozen',
  );
  return [...messages, ...anew.map((message) => reissue(run, message))];
}

function reissue(run: string, message: Message): Message {
  const key = `${message.key}:anew`;
  const delivery = deliveryOf(run, key);
  const renamed = (text: string): string => text.replaceAll(message.delivery, delivery);
  return { ...message, key, delivery, text: renamed(message.text), blocks: message.blocks.map((block) => renamedBlock(block, renamed)) };
}

/** The id stands in the footer only, which is a context of mrkdwn. */
function renamedBlock(block: Message['blocks'][number], renamed: (text: string) => string): Message['blocks'][number] {
  if (block.type !== 'context') return block;
  return { ...block, elements: block.elements.map((each) => (each.type === 'mrkdwn' ? { ...each, text: renamed(each.text) } : each)) };
}
