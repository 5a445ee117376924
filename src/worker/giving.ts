/**
 * Gives the host the answers that the journal has for a tool, each held to the prompt that it is for: a tool that went on by itself is not told
 * what somebody had meant for an earlier prompt.
 *
 * Invariants
 * G1 What a person answered is given only as long as the tool has printed nothing since they were asked. The host decides it (`Answer.at`).
 * G2 What the procedure answers is given unless a newer prompt that the procedure knows stands behind it; and, as long as the tool lets us keep up
 *    with it, only once everything that it has printed was looked at (`Answer.heard`).
 * G3 What was not given is in the journal as withheld, so that nobody believes that the tool was told.
 */
import { unmarked } from '../procedure/secret-mark.ts';
import type { RunEvent } from '../run/events.ts';
import { isPassed, numberToGive, promptsOf } from '../run/prompts.ts';
import type { Prompt } from '../run/state.ts';
import type { Answer } from '../ssh/answers.ts';
import type { Hands } from './hands.ts';
import { type Heard, textAfter } from './heard.ts';
import type { Talking } from './talk.ts';

/** Gives what is to be given; returns what the journal must hear of it. */
export async function give(
  { attempts, secrets }: Pick<Hands, 'attempts' | 'secrets'>,
  talking: Talking,
  heard: Heard,
): Promise<readonly RunEvent[]> {
  const { session, step, due, target } = talking;
  const anchor = talking.anchor();
  const state = session.state();
  const id = { run: session.run, step: step.id, ...due };
  for (const prompt of promptsOf(state, step, due)) {
    if (prompt.answer === undefined || prompt.withheld !== undefined || heard.given.has(prompt.number)) continue;
    const bound = boundOf(talking, heard, prompt);
    if (bound === 'unheard') return [];
    const number = numberToGive(state, step, due, prompt);
    const text = unmarked(prompt.answer, (name) => {
      const secret = secrets(state.cluster, name);
      if (secret.kind === 'missing') throw new Error(secret.why);
      return secret.value;
    });
    const given = await attempts.give(target, id, { number, text, ...bound, ...(anchor === undefined ? {} : { anchor }) });
    const withheld = (why: 'wentOn' | 'over'): readonly RunEvent[] => [
      { kind: 'answerWithheld', step: step.id, ...due, number: prompt.number, why },
    ];
    switch (given.kind) {
      case 'given':
      case 'none':
        heard.given.add(prompt.number);
        break;
      case 'wentOn':
      case 'over':
        return withheld(given.kind);
      case 'behind':
        heard.behind.set(prompt.number, (heard.behind.get(prompt.number) ?? 0) + 1);
        return [];
      case 'waiting':
      case 'refused':
      case 'lost':
        return [];
    }
  }
  return [];
}

/** A tool that prints without end, such as one with a spinner, is waited for so many times. */
const MOST_BEHIND = 3;

/** What the answer to a prompt is held to. Prompts of earlier releases have no bytes; their answers are given as they were then. */
function boundOf({ step }: Talking, heard: Heard, { number, end, bytes, declared }: Prompt): Pick<Answer, 'at' | 'heard'> | 'unheard' {
  const strict = bytes === undefined ? {} : { at: bytes };
  if (declared === undefined) return strict;
  const rest = textAfter(heard, end);
  if (rest === undefined) return 'unheard';
  if (isPassed(step, rest)) return strict;
  return (heard.behind.get(number) ?? 0) < MOST_BEHIND ? { heard: heard.bytes } : {};
}
