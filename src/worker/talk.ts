/**
 * Talks with tools that ask: hears what they print, answers what the procedure foresaw, and turns the rest into questions for people.
 *
 * Owns: the text since the last prompt of each attempt that this process follows, and the silence after it. Leaves: what is an answer to
 * `run/prompts.ts`, giving it to the host at most once and to no other prompt to `giving.ts`, the question and its answer to the journal.
 *
 * Invariants
 * P1 An answer is in the journal before the host hears of it; the host takes each number once, so whoever takes over may give it again.
 * P2 A prompt that was seen is never matched again: matching goes on behind its last byte, also when the output is read anew.
 * P3 While a person is asked, the attempt's clock stands still; a tool that goes on by itself withdraws the question.
 * P4 What an answer is for is the newest that the tool asked: see `giving.ts`.
 */
import { explain } from '../errors.ts';
import type { CommandStep } from '../procedure/model.ts';
import type { RunEvent } from '../run/events.ts';
import { answerFor, isPassed, openQuestion, promptAgain, promptIn, promptsOf, type Printed, unforeseen } from '../run/prompts.ts';
import type { Start } from '../run/start.ts';
import { talkKey } from '../run/state.ts';
import type { Target } from '../ssh/target.ts';
import { isUnderWay } from './conclude.ts';
import { give } from './giving.ts';
import type { Hands } from './hands.ts';
import { add, type Heard, silence, textAfter } from './heard.ts';
import type { Session } from './session.ts';

export type Talking = {
  readonly session: Session;
  readonly step: CommandStep;
  readonly due: Start;
  readonly target: Target;
  /** The id of the host's store, as the journal knows it by now. */
  readonly anchor: () => string | undefined;
};

type Ears = Pick<Hands, 'attempts' | 'secrets' | 'now' | 'after' | 'log'>;

export interface Talks {
  /** Listens to an attempt until `leave`; joins what this process heard of it before. */
  join(hands: Ears, talking: Talking): Talk;
  /** The attempt has ended. */
  forget(key: string): void;
}

export interface Talk {
  /** Output with the place of its first byte, and how much the tool itself had printed by then; a place of 0 begins anew. */
  hear(chunk: Buffer, position: number, bytes: number): void;
  /** Stops listening; resolves when what was under way is written. */
  leave(): Promise<void>;
}

/** A tool that has printed half a line and then nothing for so long is taken to be asking. */
const SILENCE_MS = 3_000;

export function createTalks(): Talks {
  const all = new Map<string, Heard>();
  return {
    join(hands, talking) {
      const key = talkKey({ step: talking.step.id, ...talking.due });
      const runKey = `${talking.session.run}/${key}`;
      const heard = all.get(runKey) ?? silence();
      all.set(runKey, heard);
      return listen(hands, talking, heard);
    },
    forget: (key) => void all.delete(key),
  };
}

function listen(hands: Ears, talking: Talking, heard: Heard): Talk {
  const { session } = talking;
  let work: Promise<void> = Promise.resolve();
  let callOff = (): void => undefined;
  let left = false;

  function look(isQuiet: boolean): void {
    if (left) return;
    work = work
      .then(() => consider(hands, talking, heard, isQuiet))
      .catch((error: unknown) =>
        hands.log.warn(
          { run: session.run, step: talking.step.id, ...talking.due, reason: explain(error) },
          'a prompt could not be attended to',
        ),
      );
  }

  const stopListening = session.onGrow(() => look(false));
  const whenQuiet = (): void => {
    callOff();
    if (!left) callOff = hands.after(SILENCE_MS, () => look(true));
  };
  whenQuiet();
  look(false);
  return {
    hear(chunk, position, bytes) {
      if (!add(heard, chunk, position, bytes)) return;
      whenQuiet();
      look(false);
    },
    async leave() {
      left = true;
      callOff();
      stopListening();
      await work;
    },
  };
}

/** Gives what is to be given, answers what waits, and sees whether the tool asks something new; again as long as the journal grows by it. */
async function consider(
  hands: Pick<Hands, 'attempts' | 'secrets' | 'now'>,
  talking: Talking,
  heard: Heard,
  isQuiet: boolean,
): Promise<void> {
  const { session } = talking;
  for (;;) {
    // What is being ended is not told to go on; of what has ended there is nothing more to write.
    if (session.state().cancel !== undefined || !isUnderWay(session.state(), talking.step, talking.due)) return;
    const withheld = await give(hands, talking, heard);
    await keepClock(hands, talking, heard);
    const events = withheld.length > 0 ? withheld : eventsFor(talking, heard, isQuiet);
    if (events.length === 0 || !(await session.append(events, hands.now()))) return;
  }
}

/** A tool that asks for ever is not talked to for ever. */
const MOST_PROMPTS = 200;

function eventsFor(talking: Talking, heard: Heard, isQuiet: boolean): readonly RunEvent[] {
  const { session, step, due } = talking;
  const state = session.state();
  const prompts = promptsOf(state, step, due);
  const last = prompts.at(-1);
  const rest = textAfter(heard, last?.end ?? 0);
  const passed = last?.declared !== undefined && rest !== undefined && isPassed(step, rest);
  if (last !== undefined && last.answer === undefined && !passed) {
    const answer = answerFor(state, step, due, last);
    if (answer.kind === 'answer') return [{ kind: 'promptAnswered', step: step.id, ...due, number: last.number, answer: answer.text }];
    if (last.declared !== undefined) return isQuiet && rest !== undefined ? givenUp(talking, heard, last.number, rest) : [];
    const question = openQuestion(state, step, due);
    if (question !== undefined) {
      const wentOn = rest !== undefined && rest.text.trim() !== '';
      return wentOn ? [{ kind: 'questionWithdrawn', question, why: 'the tool went on by itself' }] : [];
    }
  }
  if (rest === undefined || prompts.length >= MOST_PROMPTS) return [];
  return promptIn(state, step, due, rest) ?? (isQuiet ? (unforeseen(state, step, due, rest) ?? promptAgain(state, step, due, rest)) : []);
}

/**
 * A prompt whose answer is not known yet, and the tool fell silent at it, began a new line and waits there: it has given that prompt up and asks
 * something that nobody foresaw. The answer, once it is known, is not for that.
 */
function givenUp({ session, step, due }: Talking, heard: Heard, number: number, rest: Printed): readonly RunEvent[] {
  if (heard.silentAt?.number !== number) {
    heard.silentAt = { number, end: rest.from + Buffer.byteLength(rest.text) };
    return [];
  }
  const newer = textAfter(heard, heard.silentAt.end);
  return newer?.text.includes('\n') === true ? (unforeseen(session.state(), step, due, newer) ?? []) : [];
}

async function keepClock({ attempts }: Pick<Hands, 'attempts'>, talking: Talking, heard: Heard): Promise<void> {
  const { session, step, due, target } = talking;
  const anchor = talking.anchor();
  const asks = openQuestion(session.state(), step, due) !== undefined;
  if (asks === heard.held) return;
  const id = { run: session.run, step: step.id, ...due };
  const options = anchor === undefined ? {} : { anchor };
  const answer = await (asks ? attempts.hold(target, id, options) : attempts.release(target, id, options));
  if (answer.kind !== 'refused') heard.held = asks;
}
