/** `keyturn status`: what goes on, read from the journals; for whoever cannot ask Slack. */
import { isDamage } from '../journal/lost.ts';
import type { RunState } from '../run/state.ts';
import type { Damaged } from '../slack/ports.ts';
import { statesOf } from '../slack/targets.ts';
import { statusWords, waitLines } from '../slack/views/standing.ts';
import type { RunDesk } from '../worker/run-desk.ts';
import { utcMinute } from '../utc.ts';
import { plainWords } from './plain-words.ts';
import { type CliWorld, EXIT, type Exit } from './world.ts';

/** Changes nothing. `target`: a run or a cluster; all that goes on without. */
export async function status(world: CliWorld, desk: RunDesk, target: string | undefined, json: boolean): Promise<Exit> {
  const { states, damaged } = await look(desk, target);
  if (states === undefined) {
    world.complain(`Nobody knows a run or cluster “${target ?? ''}”. Check: keyturn status, without a name, shows what goes on.`);
    return EXIT.usage;
  }
  if (json) world.say(JSON.stringify({ runs: states.map(asJson), damaged }));
  else {
    for (const line of states.flatMap(linesOf)) world.say(line);
    if (states.length === 0) world.say(target === undefined ? 'No run goes on.' : `Nothing goes on on ${target}.`);
    for (const { why } of damaged) world.complain(`${why}. Check: docs/troubleshooting.md, A journal is damaged.`);
  }
  return damaged.length === 0 ? EXIT.ok : EXIT.found;
}

type Seen = { readonly states: readonly RunState[] | undefined; readonly damaged: readonly Damaged[] };

async function look(desk: RunDesk, target: string | undefined): Promise<Seen> {
  try {
    const states = await statesOf(desk, target);
    return { states, damaged: desk.damaged() };
  } catch (error) {
    if (!isDamage(error) || target === undefined) throw error;
    return { states: [], damaged: [{ run: target, why: error.message }] };
  }
}

function linesOf(state: RunState): readonly string[] {
  const { run, cluster, procedure, requester, startedAt } = state;
  const waits = state.ended === undefined ? waitLines(state) : [];
  return [
    `${run}  ${procedure.name} ${cluster.name}  ${plainWords(statusWords(state))}`,
    `  asked for by ${requester.name} (${requester.user}), ${utcMinute(startedAt)}`,
    ...waits.map((line) => `  ${plainWords(line)}`),
  ];
}

function asJson(state: RunState): object {
  const { run, cluster, procedure, requester, startedAt, paused, cancel, ended } = state;
  return {
    run,
    cluster: cluster.name,
    procedure: procedure.name,
    requester,
    startedAt: new Date(startedAt).toISOString(),
    status: plainWords(statusWords(state)),
    waits: ended === undefined ? waitLines(state).map(plainWords) : [],
    paused: paused !== undefined,
    cancelling: cancel !== undefined && ended === undefined,
    ended: ended?.outcome ?? null,
  };
}
