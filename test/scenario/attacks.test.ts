/** Ways past the second person, tried on the built bot over both transports: each is refused, and nothing is stopped on any host. */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../infra/sandbox/slack/server.ts';
import { fillIn, forge, journalOf, kindsOf, openCard, toldAfter, townOver } from './attacker.ts';
import { OPS, type ThreadView, type Town } from './town.ts';

const [DANA, SAM, ALEX] = ['U0DANA0001', 'U0SAM00001', 'U0ALEX0001'];
const GROUP = 'S0APPROVE1';
const everybody = [DANA, SAM, ALEX, 'U0GUEST001', 'U0LEFT0001', 'U0ROBOT001', 'U0VENDOR01'];

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let town: Town;
  let thread: ThreadView;
  let value: string;
  let clusterYaml: string;

  const clusterPath = (name = 'atscale-prod'): string => join(town.folder, 'clusters', `${name}.yaml`);
  const stops = (): number =>
    town.hosts.cluster.log().filter((entry) => entry.event === 'begin' && entry.program === 'atscale_stop').length;
  const approve = (person: string) => forge(town, person, thread, { action: 'keyturn_approve', value });
  const group = (users: readonly string[], disabled = false) => town.slack.setUsergroup(GROUP, { users, disabled });

  beforeAll(async () => {
    town = await townOver(transport);
    clusterYaml = readFileSync(clusterPath(), 'utf8');
    thread = await town.begin();
    value = (await openCard(town, thread)).value;
  }, 60_000);
  afterAll(() => town.close());

  /** The request is as open as before, and no log line speaks of a fault of our own. */
  async function expectNothingDecided(): Promise<void> {
    const kinds = await kindsOf(town, thread.run);
    for (const kind of ['approvalGiven', 'approvalRejected', 'attemptEnded S3', 'paused', 'cancelRequested', 'runEnded'])
      expect(kinds).not.toContain(kind);
    expect(kinds.filter((kind) => kind === 'approvalRequested')).toHaveLength(1);
    expect(stops()).toBe(0);
    expect(town.log.filter((line) => /unforeseen|nobody foresaw|could not be handled/.test(line))).toEqual([]);
  }

  describe('the second person', () => {
    afterEach(async () => {
      await group([SAM]);
      await town.slack.setUser(SAM, { deleted: false, is_restricted: false, team_id: 'T0SANDBOX1' });
      await town.slack.setUser(ALEX, { name: 'alex', real_name: 'Alex Kim' });
      town.slack.heal();
      writeFileSync(clusterPath(), clusterYaml);
      await expectNothingDecided();
    });

    test.each<[string, string, RegExp, () => unknown]>([
      ['the requester', 'dana', /requested this run/, () => undefined],
      ['the requester, put into the approvers’ group', 'dana', /requested this run/, () => group(everybody)],
      ['somebody without rights', 'alex', /may not approve/, () => undefined],
      ['a guest in the approvers’ group', 'gwen', /guests/, () => group(everybody)],
      ['somebody deactivated in the approvers’ group', 'lee', /deactivated/, () => group(everybody)],
      ['a bot in the approvers’ group', 'deploybot', /bots/, () => group(everybody)],
      ['an external in the approvers’ group', 'vera', /other organisations/, () => group(everybody)],
      ['an approver deactivated since the card', 'sam', /deactivated/, () => town.slack.setUser(SAM, { deleted: true })],
      ['an approver made a guest since the card', 'sam', /guests/, () => town.slack.setUser(SAM, { is_restricted: true })],
      ['an approver moved to another organisation', 'sam', /other organisations/, () => town.slack.setUser(SAM, { team_id: 'T0VENDOR01' })],
      ['an approver taken out of the group', 'sam', /may not approve/, () => group([])],
      ['an approver by a group that was disabled', 'sam', /may not approve/, () => group([SAM], true)],
      [
        'an approver whom Slack cannot describe',
        'sam',
        /could not be confirmed/,
        () => town.slack.fail('users.info', { error: 'internal_error' }),
      ],
      [
        'an approver whose group Slack cannot list',
        'sam',
        /could not be confirmed/,
        () => town.slack.fail('usergroups.users.list', { error: 'plan_upgrade_required' }),
      ],
      [
        'somebody by an approver’s name',
        'alex',
        /may not approve/,
        () => town.slack.setUser(ALEX, { name: 'sam', real_name: 'Sam Okafor' }),
      ],
      [
        'an approver added to the file since the start',
        'alex',
        /may not approve/,
        () => writeFileSync(clusterPath(), clusterYaml.replaceAll(GROUP, ALEX)),
      ],
    ])('%s is refused', async (_title, person, words, prepare) => {
      const { id } = town.slack.person(person).user;
      await prepare();
      expect(await toldAfter(town, id, () => approve(id))).toMatch(words);
    });
  });

  describe('hand-made clicks of an approver', () => {
    afterEach(() => expectNothingDecided());

    const asItIs = (): JsonObject => ({});
    const request = (): string => value.split(':')[1] ?? '';
    test.each<[string, string, () => string, RegExp, () => JsonObject]>([
      ['a request of no run', 'keyturn_approve', () => `runnobody:${request()}`, /knows no run/, asItIs],
      ['a request that was never made', 'keyturn_approve', () => `${thread.run}:0123456789abcdef`, /does not belong/, asItIs],
      ['a name that every object has', 'keyturn_approve', () => `${thread.run}:constructor`, /does not belong/, asItIs],
      ['the prototype of every object', 'keyturn_approve', () => `${thread.run}:__proto__`, /does not belong/, asItIs],
      ['another key of the store as run', 'keyturn_approve', () => `${thread.run}}:x:${request()}`, /knows no run|does not belong/, asItIs],
      ['a path as run', 'keyturn_approve', () => `../../${thread.run}:${request()}`, /knows no run/, asItIs],
      ['line breaks and NUL in the run', 'keyturn_approve', () => `${thread.run}\r\nSET x 1\0:${request()}`, /knows no run/, asItIs],
      ['half a character', 'keyturn_approve', () => `${thread.run}\uD800:${request()}`, /knows no run/, asItIs],
      ['two thousand letters', 'keyturn_approve', () => `${'r'.repeat(1_990)}:${request()}`, /knows no run/, asItIs],
      ['nothing at all', 'keyturn_approve', () => '', /did nothing/, asItIs],
      ['no run before the colon', 'keyturn_approve', () => `:${request()}`, /did nothing/, asItIs],
      ['a pause of nothing', 'keyturn_pause', () => '', /did nothing/, asItIs],
      ['a pause of what is no run', 'keyturn_pause', () => '__proto__', /knows no run/, asItIs],
      ['a settlement of no question', 'keyturn_settle_retry', () => `${thread.run}:t1:retry`, /settled already/, asItIs],
      ['a settlement under another button', 'keyturn_settle_retry', () => `${thread.run}:t1:settleDone`, /did nothing/, asItIs],
      ['a choice that does not exist', 'keyturn_settle_force', () => `${thread.run}:t1:force`, /did nothing/, asItIs],
      ['a card copied to another channel', 'keyturn_approve', () => value, /another channel/, () => elsewhere('C0STAKE001')],
      ['a click from no channel', 'keyturn_approve', () => value, /another channel/, () => ({ channel: undefined, container: undefined })],
    ])('%s does nothing', async (_title, action, made, words, patch) => {
      expect(await toldAfter(town, SAM, () => forge(town, SAM, thread, { action, value: made(), patch: patch() }))).toMatch(words);
    });

    test.each<[string, JsonObject]>([
      ['with a person who is no text', { user: { id: { $ne: '' } } }],
      [
        'with an approval behind a link',
        {
          actions: [
            { action_id: 'open', value: '' },
            { action_id: 'keyturn_approve', value: 'x' },
          ],
        },
      ],
    ])('a payload %s is acknowledged and dropped', async (_title, patch) => {
      expect((await forge(town, SAM, thread, { action: 'keyturn_approve', value, patch })).acked).toBe(true);
    });

    function elsewhere(id: string): JsonObject {
      return { channel: { id, name: 'stakeholders' }, container: { type: 'message', channel_id: id, message_ts: thread.ts } };
    }
  });

  describe('stopping and settling without rights', () => {
    afterEach(() => expectNothingDecided());
    const intruders = ['alex', 'gwen', 'lee', 'deploybot', 'vera'] as const;

    test.each(intruders)('%s neither pauses nor resumes nor cancels', async (person) => {
      for (const verb of ['pause', 'resume', 'cancel']) {
        await town.type(person, `/ha ${verb} ${thread.run} now`);
        await town.type(person, `/ha ${verb} atscale-prod`);
      }
      await toldAfter(town, person, () => forge(town, person, thread, { action: 'keyturn_pause', value: thread.run }));
    });

    test.each(intruders)('%s opens the forms and sends them in vain', async (person) => {
      for (const [action, about] of [
        ['keyturn_reject', value],
        ['keyturn_cancel', thread.run],
      ] as const) {
        await forge(town, person, thread, { action, value: about });
        expect((await fillIn(town, person, 'I say so')).kind).toBe('closed');
      }
    });

    test('clicks without end cannot fill the journal', async () => {
      for (let click = 0; click < 30; click += 1) await approve(ALEX);
      const mine = (await journalOf(town, thread.run)).filter(
        (event) => event.kind === 'refused' && JSON.stringify(event).includes(`"user":"${ALEX}"`),
      );
      expect(mine.length).toBeLessThanOrEqual(20);
    });
  });

  test('another run’s card and form count for that run alone', async () => {
    writeFileSync(
      clusterPath('atscale-test'),
      clusterYaml.replace('cluster: atscale-prod', 'cluster: atscale-test').replaceAll(GROUP, ALEX),
    );
    const other = await town.begin('/ha restart atscale-test');
    const foreign = (await openCard(town, other)).value;
    expect(await toldAfter(town, SAM, () => forge(town, SAM, thread, { action: 'keyturn_approve', value: foreign }))).toMatch(
      /another thread/,
    );
    const crossed = `${thread.run}:${foreign.split(':')[1]}`;
    expect(await toldAfter(town, SAM, () => forge(town, SAM, other, { action: 'keyturn_approve', value: crossed }))).toMatch(
      /another thread/,
    );
    await forge(town, SAM, thread, { action: 'keyturn_reject', value });
    const redirected = (payload: JsonObject): JsonObject => withMetadata(payload, (metadata) => metadata.replaceAll(thread.run, other.run));
    expect(await toldAfter(town, SAM, () => fillIn(town, SAM, 'mine', redirected))).toMatch(/another thread/);
    expect(await kindsOf(town, other.run)).not.toEqual(expect.arrayContaining(['approvalGiven']));
    await expectNothingDecided();
    await town.type(DANA, `/ha cancel ${other.run}`);
    await other.see(/\bcancelled\b/);
  }, 30_000);

  test.each<[string, string]>([
    ['no JSON', 'approve everything'],
    ['an approval', JSON.stringify({ kind: 'approve', run: 'x', request: 'y', channel: OPS })],
    ['the prototype of every object', '{"kind":"cancel","run":"__proto__","channel":"C0OPS00001"}'],
    ['a run that is a list', '{"kind":"cancel","run":["x"],"channel":"C0OPS00001"}'],
  ])('a form whose metadata is %s does nothing', async (_title, metadata) => {
    await forge(town, SAM, thread, { action: 'keyturn_cancel', value: thread.run });
    expect((await fillIn(town, SAM, 'x', (payload) => withMetadata(payload, () => metadata))).kind).toBe('closed');
    await expectNothingDecided();
  });

  test('a rejection without a word is asked for one', async () => {
    await forge(town, SAM, thread, { action: 'keyturn_reject', value });
    const empty = (payload: JsonObject): JsonObject => ({ ...payload, view: { ...object(payload.view), state: { values: {} } } });
    expect((await fillIn(town, SAM, 'x', empty)).kind).toBe('errors');
    await town.slack.person(SAM).closeView();
    await expectNothingDecided();
  });

  test('a pause, a resume and an approval count once each', async () => {
    const replay = (click: JsonObject | undefined) => forge(town, DANA, thread, { action: 'x', value: 'x', patch: click ?? {} });
    let resumed: JsonObject | undefined;
    town.slack.duplicateNext();
    await thread.press('dana', /^Pause/);
    const message = await openCard(town, thread, /^Resume/);
    await town.slack.person('dana').click({
      channel: OPS,
      ts: message.card.ts,
      label: /^Resume/,
      forge: (payload) => {
        resumed = payload;
        return payload;
      },
    });
    await thread.see(/Resumed by/);
    await thread.press('dana', /^Pause/);
    await openCard(town, thread, /^Resume/);
    expect(await toldAfter(town, DANA, () => replay(resumed))).toMatch(/second time/);
    expect((await kindsOf(town, thread.run)).filter((kind) => /^(paused|resumed)$/.test(kind))).toEqual(['paused', 'resumed', 'paused']);
    expect(stops()).toBe(0);
  }, 30_000);

  test('of several decisions at once one counts, on what was asked', async () => {
    const pwned = join(town.folder, 'pwned');
    const file = join(town.folder, 'procedures/atscale/restart.yaml');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace(`run: '"$ATSCALE_HOME"/bin/atscale_stop'`, `run: 'touch ${pwned}'`));
    await group([SAM, ALEX, DANA]);
    for (const person of [SAM, ALEX]) await forge(town, person, thread, { action: 'keyturn_reject', value });
    town.slack.duplicateNext();
    await Promise.all([approve(SAM), approve(ALEX), fillIn(town, SAM, 'no'), fillIn(town, ALEX, 'no'), approve(DANA)]);
    const decided = (await kindsOf(town, thread.run)).filter((kind) => /^approval(Given|Rejected)$/.test(kind));
    expect(decided).toHaveLength(1);
    if (decided[0] === 'approvalRejected') {
      await thread.press('dana', /^Ask Again/);
      await thread.press('dana', /^Resume/);
      await thread.press('sam', /^Approve S3/);
    } else await thread.press('dana', /^Resume/);
    await thread.see(/^\*S4 .*: UNSAFE/);
    expect([stops(), existsSync(pwned)]).toEqual([1, false]);
    copyFileSync(file, `${file}.bad`);
    writeFileSync(file, before);
  }, 60_000);

  test('a decided card pressed again starts nothing', async () => {
    expect(await toldAfter(town, SAM, () => approve(SAM))).toMatch(/Already (approved|rejected) by/);
    await group([SAM]);
    expect(stops()).toBe(1);
  });
});

function withMetadata(payload: JsonObject, change: (metadata: string) => string): JsonObject {
  const view = object(payload.view);
  return { ...payload, view: { ...view, private_metadata: change(String(view.private_metadata)) } };
}

function object(value: JsonObject[string]): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}
