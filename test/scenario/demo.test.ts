/** The demo may be stopped and killed in any way, at any moment: it leaves nothing running, and the run goes on. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFault } from '../../infra/sandbox/hosts/atscale/faults.ts';
import { type DemoProcess, type Posted, runDemo, startDemo, textOf } from './demo-process.ts';

const onLinux = existsSync('/proc/self/environ') ? test : test.skip;
let folder: string;
let demo: DemoProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyturn-demo-'));
});
afterEach(async () => {
  for (const pid of demo?.processes() ?? []) kill(pid);
  await demo?.ended;
  demo = undefined;
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
});

const start = async (args: readonly string[] = []): Promise<DemoProcess> => {
  demo = await startDemo(folder, args);
  return demo;
};
const begins = (program: string, host: string) => (entry: { readonly program: string; readonly host: string; readonly event: string }) =>
  entry.program === program && entry.host === host && entry.event === 'begin';

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Every message once, and every stop and start once, in the documented order. */
async function expectWhole(last: DemoProcess): Promise<void> {
  const messages = await last.see((all) => all.some((each) => /\bsucceeded\b/.test(textOf(each))) && all);
  const run = /run[2-9a-z]{8}/.exec(messages.map(textOf).join('\n'))?.[0] ?? 'no run';
  const deliveries = messages.map((each: Posted) => new RegExp(`${run}-[a-z2-9]+`).exec(textOf(each))?.[0]);
  expect(deliveries).not.toContain(undefined);
  expect(new Set(deliveries).size).toBe(deliveries.length);
  const begun = last.log().filter(({ event, program }) => event === 'begin' && /_(stop|start)$/.test(program));
  expect(begun.map(({ program, host }) => `${program.slice(8)} ${host}`)).toEqual([
    ...['query-01', 'engine-02', 'engine-01', 'coord-01'].map((host) => `stop ${host}`),
    ...['coord-01', 'engine-01', 'engine-02', 'query-01'].map((host) => `start ${host}`),
  ]);
  expect(last.log().filter(({ event }) => event === 'violation')).toEqual([]);
}

onLinux(
  'stopped by any signal, nothing is left',
  async () => {
    const steps = [
      ['S3', 'query-01', 'SIGINT'],
      ['S4', 'engine-02', 'SIGTERM'],
      ['S5', 'engine-01', 'SIGHUP'],
    ] as const;
    for (const [step, host, signal] of steps) {
      const running = await start();
      if (step === 'S3') await running.act('command', { as: 'dana', text: '/ha restart atscale-prod' });
      await running.approve(step);
      await running.logged(begins('atscale_stop', host));
      running.signal(signal);
      expect(await running.ended).toBe(0);
      expect(running.processes()).toEqual([]);
    }
    const last = await start();
    await last.approveToTheEnd();
    await expectWhole(last);
    last.signal('SIGINT');
    expect(await last.ended).toBe(0);
    expect(last.processes()).toEqual([]);
  },
  120_000,
);

onLinux(
  'killed outright again and again, nothing runs twice',
  async () => {
    const first = await start();
    await first.act('command', { as: 'dana', text: '/ha restart atscale-prod' });
    await first.approve('S3');
    await first.logged(begins('atscale_stop', 'query-01'));
    // The bot alone.
    const before = first.botPid();
    kill(before);
    await first.approve('S4');
    expect(first.botPid()).not.toBe(before);
    await first.logged(begins('atscale_stop', 'engine-02'));
    // The demo alone: its bot and its Redis must follow it.
    first.signal('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    const second = await start();
    await second.approve('S5');
    await second.logged(begins('atscale_stop', 'engine-01'));
    // Everything but what runs on the hosts.
    for (const pid of demoPids(second)) kill(pid);
    await second.ended;
    const third = await start();
    await third.approveToTheEnd();
    await expectWhole(third);
  },
  120_000,
);

/** The demo, its bot and its Redis; hosts' processes have a home below the folder. */
function demoPids(running: DemoProcess): readonly number[] {
  return running.processes().filter((pid) => !running.onHost(pid));
}

onLinux(
  'a second Ctrl-C does not wait for the hosts',
  async () => {
    const running = await start();
    setFault(join(folder, 'hosts', 'atscale-prod', 'cluster'), 'stop-ignores-term', ['query-01']);
    await running.act('command', { as: 'dana', text: '/ha restart atscale-prod' });
    await running.approve('S3');
    await running.logged(({ verdict }) => verdict === 'hangs');
    const again = setInterval(() => running.signal('SIGINT'), 400);
    await running.say(/Ending at once/).finally(() => clearInterval(again));
    expect(await running.ended).toBe(0);
    expect(running.processes()).toEqual([]);
    const anew = await start(['--fresh']);
    expect(await anew.see((messages) => ({ messages }))).toEqual({ messages: [] });
    expect(anew.output.join('\n')).not.toMatch(/as they were left/);
  },
  60_000,
);

test('a taken port is said in plain words', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const address = squatter.address();
  const port = typeof address === 'object' ? String(address?.port) : '';
  const { output, ended } = runDemo(folder, { env: { PORT: port } });
  expect(await ended).toBe(1);
  squatter.close();
  expect(output.join('\n')).toMatch(new RegExp(`^The demo cannot start: Port ${port} .* cannot be had for the page; .*\n +Check: .*PORT=`));
});

test('a folder of something else is left alone', async () => {
  writeFileSync(join(folder, 'thesis.txt'), 'years of work');
  const { output, ended } = runDemo(folder, { args: ['--fresh'] });
  expect(await ended).toBe(1);
  expect(output.join('\n')).toMatch(/holds thesis\.txt, so it is no folder of a demo/);
  expect(existsSync(join(folder, 'thesis.txt'))).toBe(true);
});
