/**
 * What one step costs: a whole step of Keyturn (intent and end in the journal, supervisor on the host, output kept and hashed, queue, feed)
 * against one bare exec on an open ssh2 connection with TCP_NODELAY. Both in the same run, in turns, on the same sshd; the ratio is the figure.
 */
import type { Client } from 'ssh2';
import type { Recorded } from '../src/run/events.ts';
import { openShop, type Shop } from '../test/worker/shop.ts';
import { bareExec, connectBare, median } from './ssh-exec.ts';

const STEPS = 50;
const ROUNDS = 5;

/** Prints medians in milliseconds a step, and the ratio. */
export async function benchSteps(print: (line: string) => void): Promise<void> {
  const shop = await openShop();
  const client = await connectBare(shop.sshd.target);
  try {
    await bareSteps(client);
    await keyturnSteps(shop, 0);
    const bare: number[] = [];
    const whole: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      print(`round ${round} of ${ROUNDS}: ${STEPS} steps each way`);
      bare.push(await bareSteps(client));
      whole.push(await keyturnSteps(shop, round));
    }
    report(print, median(bare), median(whole));
  } finally {
    client.end();
    await shop.close();
  }
}

function report(print: (line: string) => void, bare: number, whole: number): void {
  print('');
  print('what                                                      ms a step   × floor');
  print(`bare exec, open ssh2 connection (floor)                   ${bare.toFixed(2).padStart(9)}   ${'1.00'.padStart(7)}`);
  print(
    `whole step: journal, queue, supervisor, output, feed      ${whole.toFixed(2).padStart(9)}   ${(whole / bare).toFixed(2).padStart(7)}`,
  );
}

async function bareSteps(client: Client): Promise<number> {
  const began = performance.now();
  for (let step = 0; step < STEPS; step += 1) await bareExec(client, 'echo one');
  return (performance.now() - began) / STEPS;
}

/** From the first step's opening to the last one's pass, as the journal's own times tell. */
async function keyturnSteps(shop: Shop, round: number): Promise<number> {
  const steps = Array.from({ length: STEPS }, (_, at) => `  - { id: A${at}, title: Say one, on: main, run: echo one, timeout: 10s }`).join(
    '\n',
  );
  const run = await shop.begin(`procedure: bench-${round}\nproduct: sample\ntitle: Bench\nsteps:\n${steps}\n`);
  const recorded = await endOf(shop, run);
  const first = recorded.find((each) => each.event.kind === 'stepOpened');
  const last = recorded.findLast((each) => each.event.kind === 'hostPassed');
  if (first === undefined || last === undefined) throw new Error('the run has no steps');
  return (last.at - first.at) / STEPS;
}

/** Looks seldom: to look is to read the whole journal, and no part of a step. */
async function endOf(shop: Shop, run: string): Promise<readonly Recorded[]> {
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const recorded = await shop.recorded(run);
    if (recorded.some((each) => each.event.kind === 'runEnded')) return recorded;
  }
  throw new Error(`run ${run} of the bench has not ended within a minute`);
}
