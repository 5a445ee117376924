/** What stands in Slack about the end of a journal, where whoever writes to Redis cannot reach it. Pure. */
import { fingerprintOf, headStatement, isSigned } from '../signature.ts';
import type { Fault } from './fault.ts';
import { isOurs, linkOf } from './me.ts';
import { firstLine, reads } from './standing.ts';
import type { ThreadSight } from './thread.ts';

/** As the closing message says it (slack/views/end.ts). */
const HEAD = /Record: (\d+) events?, head ([0-9a-f]{64}), signed ([A-Za-z0-9+/]+=*) by key ([0-9a-f]{16})/;

/**
 * The closing message is a witness outside Redis: it says where the journal ended, signed. Whoever cuts or forges a journal and all that Redis knows
 * of it is seen here. Looked for in whatever stands there, since a journal that was cut calls for no closing message any more.
 */
export function closingFaults(sight: ThreadSight): readonly Fault[] {
  const { state, recorded, key, me } = sight;
  const rewound = [...(sight.projected > state.seq ? [rewoundFault(sight)] : []), ...ahead(sight)];
  const told = sight.standing.flatMap((each): readonly Fault[] => {
    const [, events, hash = '', value = '', fingerprint] = HEAD.exec(reads(each.text)) ?? [];
    if (!isOurs(sight.me, each) || events === undefined) return [];
    const link = linkOf(me, each.channel, each.ts);
    const seq = Number(events);
    if (!isSigned(headStatement(state.run, { seq, hash }), { key, value })) {
      const sentence = `The closing message says that the journal ended with event ${seq}, and its signature (by key ${fingerprint}) is not of this installation (key ${fingerprintOf(key)}) for that.`;
      return [{ seq, kind: 'closingHead', sentence, link }];
    }
    const here = recorded.at(-1)?.seq ?? 0;
    if (here === seq && sight.hash === hash) return [];
    const sentence = `The closing message says, signed by this installation, that the journal ended with event ${seq}, hash ${hash}; here it ends with event ${here}, hash ${sight.hash}. It was cut off or written anew.`;
    return [{ seq, kind: 'closingHead', sentence, link }];
  });
  return [...rewound, ...told];
}

/** Slack keeps beside each message of which event it tells, where whoever writes to Redis cannot reach it. */
function ahead(sight: ThreadSight): readonly Fault[] {
  const { state, me } = sight;
  return sight.standing.flatMap((each): readonly Fault[] => {
    const { seq = 0, delivery, channel, ts, text } = each;
    // The closing message says more, and is judged by itself.
    const isOfRun = isOurs(sight.me, each) && delivery?.startsWith(`${state.run}-`) === true && !HEAD.test(reads(text));
    if (!isOfRun || seq <= state.seq) return [];
    const sentence = `The message “${firstLine(text)}” tells of event ${seq}; the journal ends with event ${state.seq}.`;
    return [{ seq: state.seq, kind: 'closingHead', sentence, link: linkOf(me, channel, ts) }];
  });
}

function rewoundFault({ projected, state }: ThreadSight): Fault {
  return {
    seq: state.seq,
    kind: 'closingHead',
    sentence: `The thread has shown event ${projected}; the journal ends with event ${state.seq}.`,
  };
}
