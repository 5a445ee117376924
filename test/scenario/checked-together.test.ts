/** A request for two steps whose checks are red, over the built bot: refused on the server too, checked again, then approved as one. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlsOf, visibleText } from '../../infra/sandbox/slack/server.ts';
import { forge, kindsOf, openCard, toldAfter } from './attacker.ts';
import { startTown, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await startTown();
  const at = join(town.folder, 'at');
  writeFileSync(
    join(town.folder, 'procedures', 'atscale', 'checked.yaml'),
    `procedure: checked
product: atscale
title: Two steps as one
steps:
  - phase: down
    unsafe: It stops
    approval: together
    steps:
      - id: S1
        title: Stop the coordinator
        on: coordinator
        env: { AT: '"${at}"' }
        requires: [{ run: 'ls "$AT.ready"', expect: status == 0, says: 'everything is ready', on: each engine }]
        run: echo one >>"$AT.log"
        timeout: 20s
        expect: status == 0
      - { id: S2, title: Stop it all, on: coordinator, env: { AT: '"${at}"' }, run: 'echo two >>"$AT.log"', timeout: 20s, expect: status == 0 }
`,
  );
}, 60_000);
afterAll(() => town.close());

test('red checks are not approvable, and green ones start both steps', async () => {
  const at = join(town.folder, 'at');
  const thread = await town.begin('/ha checked atscale-prod');
  const red = await thread.see(/✗ NOT OK: everything is ready, on engine-01/);
  expect(visibleText(red)).toContain('S1 to S2 (2 steps of the phase');
  expect(controlsOf(red.blocks).map(({ label }) => label)).toEqual(['Check Again', 'Reject']);

  // A button that the card does not have, built by hand.
  const { value } = await openCard(town, thread, /^Check Again$/);
  const told = await toldAfter(town, 'sam', () => forge(town, 'sam', thread, { action: 'keyturn_approve', value }));
  expect(told).toContain('everything is ready: not so on engine-01');
  expect(await kindsOf(town, thread.run)).not.toContain('approvalGiven');

  // Pressed again while nothing has changed, it is asked anew, and still red.
  await thread.press('dana', /^Check Again$/);
  await thread.see(/was voided: it is checked again, as Dana Reyes wished/);
  await town.slack.waitFor(() => thread.messages().filter((message) => /NOT OK/.test(visibleText(message))).length >= 2, {
    what: 'a second red card',
  });
  writeFileSync(`${at}.ready`, '');
  await thread.press('dana', /^Check Again$/);
  const green = await thread.see(/✓ ok: everything is ready, on engine-01/);
  expect(visibleText(green)).toContain('✓ ok: everything is ready, on engine-02');
  expect(existsSync(`${at}.log`)).toBe(false);
  await thread.press('sam', /^Approve S1 to S2$/);
  await thread.see(/Two steps as one.*: succeeded/);
  expect(readFileSync(`${at}.log`, 'utf8')).toBe('one\ntwo\n');
}, 60_000);
