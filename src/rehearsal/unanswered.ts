import type { Errand } from './answers.ts';
import type { Failure } from './failure.ts';
import { requestIn, type SentText } from './script-text.ts';

/** The host was sent something for which the test has no answer. */
export function unanswered({ host, step }: Pick<Errand, 'host' | 'step'>, sent: SentText): Failure {
  const request = requestIn(sent);
  const at = step === undefined ? '' : ` at ${step}`;
  const lines = sent.script.trimEnd().split('\n');
  const values = Object.entries(sent.values).map(([name, value]) => `${name}=${value}`);
  const what = request === undefined ? lines.slice(0, 6).join('\n') : `${request.method} ${request.url}`;
  const hint = request === undefined ? `run: ${lines[0]?.trim().slice(0, 60)}` : `http: ${request.url.slice(0, 60)}`;
  return {
    expected: 'the test says what every host answers to everything',
    happened: `nothing says what ${host} answers${at} to:\n${what}${values.length === 0 ? '' : `\nwith ${values.join('  ')}`}`,
    check: `\`answers\`: an entry such as { on: ${host}, ${hint} }, and whether the procedure is meant to run this there`,
  };
}
