/** The demo's AMP pair: real server processes, there when the demo is ready and gone when it is, however it ends. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { processesOf } from '../../infra/sandbox/hosts/amp/processes.ts';
import { type DemoProcess, startDemo, textOf } from './demo-process.ts';

const onLinux = existsSync('/proc/self/environ') ? test : test.skip;

onLinux(
  'the pair of a demo that is killed ends with it',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-demo-'));
    const servers = (): string[] => processesOf(join(folder, 'hosts', 'amp-prod'), ['amp-01', 'amp-02']).map(({ host }) => host);
    try {
      const demo = await startDemo(folder);
      expect(servers().sort()).toEqual(['amp-01', 'amp-02']);
      await demo.act('command', { as: 'dana', text: '/ha ha-status amp-prod' });
      const texts = await demo.see(
        (messages) => messages.some((each) => /ha-status|succeeded/.test(textOf(each))) && whole(messages.map(textOf)),
      );
      expect(texts).toMatch(/amp-01 MASTER, amp-02 STANDBY/);
      demo.signal('SIGKILL');
      expect(await demo.ended).toBe('SIGKILL');
      await nothingLeft(demo);
      expect(servers()).toEqual([]);

      const again = await startDemo(folder);
      expect(servers().sort()).toEqual(['amp-01', 'amp-02']);
      again.signal('SIGINT');
      expect(await again.ended).toBe(0);
      expect(again.processes()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
  90_000,
);

/** The thread's text, once it says how the run ended. */
function whole(texts: readonly string[]): string | undefined {
  const text = texts.join('\n');
  return /ended .*, took/.test(text) && /Troubles: none/.test(text) ? text : undefined;
}

/** They are no children of ours: nothing tells us of their end. */
async function nothingLeft(demo: DemoProcess): Promise<void> {
  const until = performance.now() + 20_000;
  while (demo.processes().length > 0) {
    if (performance.now() > until) throw new Error(`still there: ${demo.processes().join(', ')}`);
    await pause(20);
  }
}
