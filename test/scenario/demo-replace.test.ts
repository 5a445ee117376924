/** What the demo says that one can try: its spare machine takes an engine's place. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_VERSION } from '../../infra/sandbox/hosts/atscale/options.ts';
import { readLog } from '../../infra/sandbox/hosts/log.ts';
import { blockText, controlsOf } from '../../infra/sandbox/slack/server.ts';
import { type DemoProcess, type Posted, startDemo } from './demo-process.ts';

let folder: string;
let demo: DemoProcess;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-demo-'));
  demo = await startDemo(folder);
}, 60_000);
afterAll(async () => {
  demo?.signal('SIGTERM');
  await demo?.ended;
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}, 60_000);

/** Whose press the cards of this procedure wait for: two approve on staging. */
const PRESSES = [
  ['sam', /^(Approve|Yes)/],
  ['robin', /^(Approve|Yes)/],
  ['dana', /^Done/],
] as const;

test('the spare machine replaces an engine', async () => {
  const order = `old=stage-engine-02 new=stage-engine-03 package=atscale-${DEFAULT_VERSION}.rpm version=${DEFAULT_VERSION}`;
  await demo.act('command', { as: 'dana', text: `/ha replace-host atscale-stage ${order}` });
  const pressed = new Set<string>();
  for (;;) {
    const next = await demo.see((messages) => (messages.some(isOver) ? 'over' : due(messages, pressed)));
    if (next === 'over') break;
    pressed.add(`${next.as} ${next.ts}`);
    await demo.act('click', next);
  }
  await demo.see((messages) => messages.some((message) => /Replace one machine[\s\S]*succeeded/.test(textOf(message))));
  const begun = readLog(join(folder, 'hosts', 'atscale-stage', 'cluster')).filter(
    ({ event, program }) => event === 'begin' && program === 'configurator.sh',
  );
  expect(begun.map(({ host, args }) => `${host} ${args}`)).toContain('stage-engine-03 --activate');
}, 120_000);

function textOf(message: Posted): string {
  return blockText(message.blocks ?? []);
}

function isOver(message: Posted): boolean {
  return /^\*?Replace one machine[^\n]*: (succeeded|failed|cancelled|aborted)/.test(message.text);
}

function due(messages: readonly Posted[], pressed: ReadonlySet<string>): { as: string; ts: string; label: string } | undefined {
  for (const message of messages) {
    for (const { label } of controlsOf(message.blocks)) {
      const press = PRESSES.find(([as, labels]) => labels.test(label) && !pressed.has(`${as} ${message.ts}`));
      if (press !== undefined) return { as: press[0], ts: message.ts, label };
    }
  }
  return undefined;
}
