/** What a message that mentions Keyturn asks for. Pure. */
import { plain, split } from './words.ts';

export type Said =
  /** `reason`: what follows the word, to the end. */
  | { readonly kind: 'status' | 'pause' | 'resume' | 'cancel'; readonly reason: string }
  | { readonly kind: 'help' }
  /** Something else, as it was typed after the name. */
  | { readonly kind: 'other'; readonly words: string }
  /** Keyturn is spoken of, and not spoken to: the message does not begin with its name. */
  | { readonly kind: 'aside' };

/** What can be said in the thread of a run. */
export const MENTION_WORDS = ['status', 'pause', 'resume', 'cancel', 'help'] as const;

/** `bot`: the user id by which Keyturn is mentioned. */
export function readSaid(text: string, bot: string): Said {
  const words = afterName(plain(text), bot);
  if (words === undefined) return { kind: 'aside' };
  const [, first = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(words) ?? [];
  const word = first.toLowerCase().replace(/[.,:;!?]+$/, '');
  switch (word) {
    case '':
    case 'help':
      return { kind: 'help' };
    case 'status':
    case 'pause':
    case 'resume':
    case 'cancel':
      return { kind: word, reason: readable(rest) };
    default:
      return { kind: 'other', words: readable(words) };
  }
}

function afterName(text: string, bot: string): string | undefined {
  const [whole, id] = /^<@([A-Z0-9]+)(?:\|[^<>]*)?>[\s,:]*/.exec(text) ?? [];
  return whole !== undefined && id === bot ? text.slice(whole.length) : undefined;
}

/** Without Slack's own wrapping; a quote that is never closed keeps nobody from stopping a run. */
function readable(typed: string): string {
  const cut = split(typed);
  return cut.kind === 'words' ? cut.words.map(({ text }) => text).join(' ') : plain(typed);
}
