/** What the answer of a person to a question means for the run. Pure. */
import type { EventOf, Person, RunEvent } from './events.ts';
import { looksSecret } from './secret-prompt.ts';
import { DECLINED, DONE, type Question, questionIn, type RunState } from './state.ts';

export type Answering =
  | { readonly kind: 'moot'; readonly told: string }
  | { readonly kind: 'answering'; readonly question: Question; readonly events: readonly RunEvent[] };

export type Given = { readonly question: string; readonly answer: string; readonly note: string };

/** Longer lines are no answers to a prompt. */
const LONGEST = 1_000;
/** What no terminal would send as part of a line, and nobody would see. */
const unseen = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/u;

/** The events of an answer; each question is answered once, by whoever comes first. */
export function answerTo(state: RunState, given: Given, by: Person): Answering {
  const question = questionIn(state, given.question);
  if (question === undefined) return moot(`This question does not belong to ${state.run}; open the newest message in its thread.`);
  if (question.status.kind === 'answered') return moot(`Already answered by ${question.status.by.name}; your answer changed nothing.`);
  if (question.status.kind === 'withdrawn') return moot(`This question is no longer open: ${question.status.why}.`);
  const answered: RunEvent = { kind: 'questionAnswered', question: question.question, by, answer: given.answer };
  return question.about === 'prompt' ? toPrompt(question, given, answered, by) : toPeople(state, question, given, answered, by);
}

function moot(told: string): Answering {
  return { kind: 'moot', told };
}

function toPrompt(question: Question, { answer }: Given, answered: RunEvent, by: Person): Answering {
  if (looksSecret(question.text)) {
    return moot(
      'This looks like a question for a secret, which is never typed into Slack. Nothing was sent; the procedure has to declare the answer.',
    );
  }
  if (answer.length > LONGEST || unseen.test(answer)) {
    return moot(`An answer is one line of at most ${LONGEST} characters that can be seen. Nothing was sent.`);
  }
  const { step, host = '', attempt = 0, number = 0 } = question;
  const told: EventOf<'promptAnswered'> = { kind: 'promptAnswered', step, host, attempt, number, answer, by };
  return { kind: 'answering', question, events: [answered, told] };
}

function toPeople(state: RunState, question: Question, { answer, note }: Given, answered: RunEvent, by: Person): Answering {
  if (answer === DONE) return { kind: 'answering', question, events: [answered, ...exchanged(state, question.step)] };
  if (answer !== DECLINED) return moot('That is not offered here. Nothing was done.');
  const said = note.trim() === '' ? '' : `: ${note}`;
  const why = question.about === 'manual' ? `${by.name} says that it cannot be done${said}` : `${by.name} says that it is not so${said}`;
  const trouble: RunEvent = {
    kind: 'troubleRaised',
    trouble: `${question.question}-declined`,
    step: question.step,
    what: { kind: 'declined', why },
    choices: question.about === 'manual' ? ['askAgain', 'skip', 'abort'] : ['askAgain', 'abort'],
  };
  return { kind: 'answering', question, events: [answered, trouble] };
}

/** Once the machine is another one, its store of attempts is met anew. */
function exchanged(state: RunState, id: string): readonly RunEvent[] {
  const step = state.procedure.steps.find((candidate) => candidate.id === id);
  if (step?.kind !== 'person' || step.exchanges === undefined) return [];
  const bound = state.roles[step.exchanges];
  const hosts = bound === undefined ? state.cluster.hosts.filter((host) => host.roles.includes(step.exchanges ?? '')) : [{ name: bound }];
  return hosts.map((host): RunEvent => ({ kind: 'hostExchanged', step: id, host: host.name }));
}
