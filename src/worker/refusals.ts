/** Who asked for what they may not do: kept in the register, beside what a run's own journal says. */
import type { Logger } from 'pino';
import type { Register } from '../journal/register.ts';
import type { Action } from '../run/authorise.ts';
import type { Person } from '../run/events.ts';

export type Refusal = {
  readonly person: Person;
  readonly action: Action;
  readonly cluster?: string;
  readonly procedure?: string;
  readonly run?: string;
  readonly why: string;
};

/** Never rejects: what is refused stays refused, whether or not it could be written down. */
export type NoteRefusal = (refusal: Refusal) => Promise<void>;

export function createRefusals({ append }: Pick<Register, 'append'>, now: () => number, id: () => string, log: Logger): NoteRefusal {
  return async (refusal) => {
    const at = now();
    try {
      await append({ kind: 'refused', ...refusal }, { at, id: `refused:${id()}` });
    } catch (error) {
      log.error({ ...refusal, person: refusal.person.user, reason: String(error) }, 'a refusal could not be written into the register');
    }
  };
}

/** Where there is no register: a rehearsal. */
export const UNNOTED: NoteRefusal = async () => undefined;
