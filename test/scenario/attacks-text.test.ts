/** Text as a weapon: in parameters, reasons, names, outputs and files. Nothing of it runs, mentions, links, closes a block or tells a secret. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockText, type JsonObject, type Message } from '../../infra/sandbox/slack/server.ts';
import { everythingKept, fillIn, openCard, openRuns, toldAfter } from './attacker.ts';
import { OPS, quick, startTown, type ThreadView, type Town } from './town.ts';

const MENTIONS = '<!channel> <!here> <!everyone> <@U0ALEX0001> <#C0RANDOM01> <https://evil.example|sign in again>';
const MARKS = '``` *bold* \u202Eevil\u202C \u001B[2J\u001B]8;;https://evil.example\u0007click\u001B]8;;\u0007 &lt;!channel&gt;';
const NASTY = `${MENTIONS} ${MARKS}`;

let town: Town;
let marker: string;
beforeAll(async () => {
  town = await startTown({ procedures: quick });
  marker = join(town.folder, 'pwned');
  writeFileSync(join(town.folder, 'procedures/atscale/say.yaml'), sayYaml());
}, 60_000);
afterAll(() => town.close());

/** What an author, an operator and a host can say, each of it hostile. */
function sayYaml(): string {
  const text = JSON.stringify(`${MENTIONS} {{ params.text }} {{ cluster.title }}`);
  return `procedure: say
product: atscale
title: ${text}
approval: 10m
params:
  text: { type: text, max_length: 400, required: false, default: nothing, title: ${text}, help: ${text} }
env: { TEXT: params.text }
steps:
  - announce: ${text}
  - id: A
    title: ${text}
    on: coordinator
    run: |
      printf '%s\\n' "$TEXT"
      printf '\\074!channel> \\074@U0ALEX0001> \\140\\140\\140\\n\\033[2Jcleared\\n'
    timeout: 1m
  - id: B
    title: ${text}
    on: coordinator
    unsafe: ${text}
    run: 'true'
    timeout: 1m
    undo: ${text}
    advice: ${text}
`;
}

const values = (): readonly (readonly [string, string])[] => [
  ['a command substitution', `"$(touch ${marker})"`],
  ['backticks', `"\`touch ${marker}\`"`],
  ['a closing single quote', `"'; touch ${marker}; '"`],
  ['a closing double quote', `'x"; touch ${marker}; "'`],
  ['redirections and globs', `"x & touch ${marker} | * ? [a] {b,c} ~root #"`],
  ['format letters', `"%s%n%x \\n \\0 \\"`],
  ['an expression of the language', `"{{ params.text }} {{ cluster.title }} \${HOME}"`],
  ['mentions', `"${MENTIONS.replaceAll('<', '&lt;')}"`],
  ['a code fence', '"``` *bold* _it_ ~no~"'],
];

test('what people type reaches a host as it is', async () => {
  for (const [, typed] of values()) {
    const thread = await town.begin(`/ha say atscale-prod text=${typed}`);
    await openCard(town, thread);
    const output = thread.messages().flatMap((message) => (message.blocks ?? []).flatMap(shownIn));
    const sent = typed.slice(1, -1).replaceAll('&lt;', '<');
    expect(output.some((text) => text.includes(`${sent}\n`))).toBe(true);
    expect(output.some((text) => text.includes(`TEXT=${sent}`))).toBe(true);
    await town.type('dana', `/ha cancel ${thread.run} ${NASTY}`);
    await settled(thread);
    expectHarmless(thread.messages());
    expect(existsSync(marker)).toBe(false);
  }
}, 120_000);

test.each([
  ['an option', 'text=--help'],
  ['an unknown name', 'constructor=1'],
  ['the prototype', '__proto__=1'],
  ['a line break', 'text="a\nb\u2028c"'],
  ['more than is allowed', `text=${'x'.repeat(401)}`],
  ['the same name twice', 'text=a text=b'],
  ['no pair', `; touch x`],
])('%s as a parameter is refused or made plain', async (title, typed) => {
  const before = await openRuns(town);
  const told = await toldAfter(town, 'U0DANA0001', () => town.type('dana', `/ha say atscale-prod ${typed}`));
  const began = (await openRuns(town)).filter((run) => !before.includes(run));
  expect(began).toHaveLength(title === 'a line break' ? 1 : 0);
  await idle();
  expect(told).not.toMatch(/fault in Keyturn itself/);
});

test('names and reasons are shown and do nothing', async () => {
  await idle();
  await town.slack.setUser('U0DANA0001', { real_name: NASTY, name: 'dana' });
  await town.slack.setUser('U0SAM00001', { real_name: `Dana Reyes approved. ${NASTY}`, name: 'sam' });
  const thread = await town.begin('/ha say atscale-prod', 'dana');
  await openCard(town, thread);
  await thread.press('sam', /^Reject/);
  await fillIn(town, 'sam', `${NASTY}\n\n*Approved by* Dana\n>quoted\n${'&'.repeat(700)}`);
  await thread.see(/rejected/i);
  await thread.press('dana', /^Abort/);
  await fillIn(town, 'dana', NASTY);
  await thread.see(/\baborted\b/);
  await settled(thread);
  expectHarmless(thread.messages());
  expectHarmless(town.slack.channel('stakeholders').messages());
}, 60_000);

test('private answers mention nobody by what was typed', async () => {
  for (const text of [
    `/ha ${NASTY}`,
    `/ha say ${NASTY}`,
    `/ha say atscale-prod x=${NASTY}`,
    `/ha status ${NASTY}`,
    `/ha cancel ${NASTY}`,
    '/ha list',
  ])
    await town.type('dana', text);
  await town.type('dana', '/ha help say');
  const all = town.slack.ephemerals('dana').map((each) => ({ text: each.text, blocks: each.blocks ?? [] }));
  for (const token of all.flatMap(tokensOf)) expect(token).not.toMatch(/^<(!(channel|here|everyone)|https:\/\/evil)/);
});

test('no secret is logged, shown or kept', async () => {
  const key = readFileSync(town.hosts.keyPath, 'utf8').split('\n')[1] ?? '';
  const secrets = [town.slack.botToken, town.slack.appToken, key];
  const shown = JSON.stringify([OPS, 'stakeholders'].map((name) => town.slack.channel(name).all()));
  const places = { log: town.log.join('\n'), shown, told: town.told('dana') + town.told('sam'), kept: await everythingKept(town) };
  for (const [place, text] of Object.entries(places)) {
    expect(key.length).toBeGreaterThan(30);
    for (const secret of secrets) expect({ place, leaks: text.includes(secret) }).toEqual({ place, leaks: false });
    expect({ place, leaks: /\/commands\/T0SANDBOX1\/|[?&]ticket=|Bearer /.test(text) }).toEqual({ place, leaks: false });
  }
});

/** No run is open, and so none holds the cluster. */
async function idle(): Promise<void> {
  for (const run of await openRuns(town)) await town.type('dana', `/ha cancel ${run}`);
  const deadline = Date.now() + 10_000;
  while ((await openRuns(town)).length > 0) if (Date.now() > deadline) throw new Error('a run did not end');
}

async function settled(thread: ThreadView): Promise<void> {
  await thread.see(/Approvals:/);
}

/** Everything that Slack would read as more than letters, outside of preformatted text. */
function tokensOf(value: { readonly text: string; readonly blocks: readonly JsonObject[] }): readonly string[] {
  return [value.text, ...value.blocks.flatMap(mrkdwnIn)].flatMap((text) => text.match(/<[^>]*>/g) ?? []);
}

function mrkdwnIn(value: JsonObject[string]): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(mrkdwnIn);
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const type = entries.find(([name]) => name === 'type')?.[1];
  if (type === 'rich_text_preformatted') return [];
  const own = type === 'mrkdwn' ? entries.flatMap(([name, text]) => (name === 'text' && typeof text === 'string' ? [text] : [])) : [];
  return [...own, ...entries.flatMap(([, inner]) => mrkdwnIn(inner))];
}

/** What stands in preformatted elements, which read no mrkdwn. */
function shownIn(block: JsonObject): readonly string[] {
  return block.type === 'rich_text' ? [blockText(block)] : [];
}

const OURS =
  /^<(!date\^\d+\^[^|<>]*\|[^|<>]*|@U0(DANA0001|SAM00001)|!subteam\^S0APPROVE1|#C0STAKE001|http:\/\/127\.0\.0\.1:\d+\/archives\/[^|<>]*\|Open the thread)>$/;

function expectHarmless(messages: readonly Message[]): void {
  for (const message of messages) {
    const shown = { text: message.text, blocks: message.blocks ?? [] };
    for (const token of tokensOf(shown)) expect(token).toMatch(OURS);
    const texts = [message.text, ...shown.blocks.flatMap(mrkdwnIn)];
    for (const text of texts) {
      expect(text).not.toMatch(/```/);
      expect(text).not.toMatch(/[\p{Cf}\p{Co}]|[^\P{Cc}\n\t]/u);
    }
    // What is preformatted shows no terminal codes either.
    expect(JSON.stringify(shown)).not.toMatch(/\\u001b|\u202E/);
  }
}
