/** What the language can say, carried out on a real host: each ability once, as a user sees it in journal and host. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventOf, RunEvent } from '../../src/run/events.ts';
import type { RunState } from '../../src/run/state.ts';
import { dana, openShop, PASSWORD, type Shop, sam } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const ended = (state: RunState): boolean => state.ended !== undefined;
const troubled = (state: RunState): boolean => state.trouble !== undefined;
const asking = (state: RunState): boolean => Object.values(state.approvals).some((approval) => approval.status.kind === 'open');
const questioned = (state: RunState): boolean => Object.values(state.questions).some(({ status }) => status.kind === 'open');

function yaml(name: string, rest: string): string {
  return `procedure: ${name}\nproduct: sample\ntitle: A sample\n${rest}`;
}

function of<K extends RunEvent['kind']>(events: readonly RunEvent[], kind: K): readonly EventOf<K>[] {
  return events.filter((event): event is EventOf<K> => event.kind === kind);
}

function outputs(events: readonly RunEvent[]): readonly (string | undefined)[] {
  return of(events, 'attemptEnded').map(({ output }) => output?.head);
}

async function toItsEnd(text: string): Promise<readonly RunEvent[]> {
  const run = await shop.begin(text);
  const state = await shop.until(run, (each) => ended(each) || troubled(each));
  expect(state.trouble?.what).toBeUndefined();
  expect(state.ended?.outcome).toBe('succeeded');
  return shop.events(run);
}

test('a declared prompt is answered as the procedure has it', async () => {
  const script = `printf 'Sure? [y/n] '; read a; printf 'Name: '; read n; echo "got $a and $n"`;
  const events = await toItsEnd(
    yaml(
      'prompts',
      `steps:
  - id: A
    title: Ask
    on: main
    run: |
      ${script}
    timeout: 20s
    answers:
      - { prompt: 'Sure\\?', answer: '"y"' }
      - { prompt: 'Name:', answer: host.name }
`,
    ),
  );
  expect(outputs(events)).toEqual(['Sure? [y/n] Name: got y and alpha\n']);
  expect(of(events, 'promptAnswered').map(({ number, answer }) => [number, answer])).toEqual([
    [1, 'y'],
    [2, 'alpha'],
  ]);
});

test('two tools are answered with what the other one said', async () => {
  const script = `echo "My key: key-of-$HOST"; printf 'Other key: '; read k; echo "My address: 10.0.0.$N"; printf 'Other address: '; read a; echo "has $k $a"`;
  const events = await toItsEnd(
    yaml(
      'peers',
      `steps:
  - id: A
    title: Exchange
    on: all node
    run: |
      ${script}
    env: { HOST: host.name, N: 'host.name == "alpha" ? 1 : 2' }
    timeout: 20s
    answers:
      - { prompt: 'My key: (?<key>\\S+)\\n.*Other key: ', answer: peer.key }
      - { prompt: 'My address: (?<address>\\S+)\\n.*Other address: ', answer: peer.address }
`,
    ),
  );
  const said = outputs(events).map((text) => text?.split('\n').at(-2));
  expect([...said].sort()).toEqual(['Other address: has key-of-alpha 10.0.0.1', 'Other address: has key-of-beta 10.0.0.2']);
});

test('a prompt that nobody declared waits for a person', async () => {
  const run = await shop.begin(
    yaml(
      'surprise',
      `steps:
  - { id: A, title: Ask, on: main, run: 'printf "Overwrite? [y/N] "; read a; echo "told $a"', timeout: 10s, answers: [] }
`,
    ),
  );
  const waiting = await shop.until(run, questioned);
  const [question] = Object.values(waiting.questions);
  expect(question).toMatchObject({ about: 'prompt', text: 'Overwrite? [y/N] ', second: undefined });
  const id = question?.question ?? '';
  expect(await shop.desk.act(run, { kind: 'answer', question: id, answer: 'n\u0007', note: '' }, dana)).toMatchObject({ kind: 'moot' });
  expect(await shop.desk.act(run, { kind: 'answer', question: id, answer: 'n', note: '' }, dana)).toMatchObject({ kind: 'taken' });
  expect(await shop.desk.act(run, { kind: 'answer', question: id, answer: 'y', note: '' }, sam)).toMatchObject({ kind: 'moot' });
  expect((await shop.until(run, ended)).ended?.outcome).toBe('succeeded');
  expect(outputs(await shop.events(run))).toEqual(['Overwrite? [y/N] told n\n']);
});

test('a tool that goes on by itself withdraws its question', async () => {
  const run = await shop.begin(
    yaml(
      'goeson',
      `steps:
  - { id: A, title: Ask, on: main, run: 'printf "Working"; sleep 5; echo " done"', timeout: 20s, answers: [] }
`,
    ),
  );
  const state = await shop.until(run, ended);
  expect(state.ended?.outcome).toBe('succeeded');
  expect(of(await shop.events(run), 'questionWithdrawn')).toHaveLength(1);
}, 30_000);

test('captured values reach later steps, by host where there are several', async () => {
  const events = await toItsEnd(
    yaml(
      'captures',
      `steps:
  - { id: A, title: Read, on: each node, run: 'echo "size: $N"', env: { N: 'host.name == "alpha" ? 10 : 20' }, timeout: 10s, read: keys, capture: { size: 'int(keys.size)' } }
  - { id: B, title: Version, on: main, run: 'echo "version 2021.4.1"', timeout: 10s, read: regex, pattern: 'version (?<v>\\S+)', capture: { version: { value: match.v, type: version } } }
  - { id: C, title: Use, on: main, run: 'echo "$V"', env: { V: captured.version }, timeout: 10s, when: 'captured.size["alpha"] < captured.size["beta"] && at_least(captured.version, "2021.4")' }
  - { id: D, title: Not, on: main, run: 'echo no', timeout: 10s, when: 'at_least(captured.version, "2022.1")' }
`,
    ),
  );
  expect(outputs(events).at(-1)).toBe('2021.4.1\n');
  expect(of(events, 'stepSkipped').map(({ step }) => step)).toEqual(['D']);
});

test('a captured value that is not of its type goes no further', async () => {
  const run = await shop.begin(
    yaml(
      'hostile',
      `steps:
  - { id: A, title: Read, on: main, run: 'echo "-rf"', timeout: 10s, read: lines, capture: { version: { value: 'lines[0]', type: version } } }
`,
    ),
  );
  const { trouble } = await shop.until(run, troubled);
  expect(trouble?.what).toMatchObject({ kind: 'failed', why: expect.stringContaining('must not begin with a dash') });
  await shop.desk.act(run, { kind: 'settle', trouble: trouble?.trouble ?? '', choice: 'abort', reason: '' }, dana);
});

test('hosts where a step is not needed are left out before anybody is asked', async () => {
  const mark = join(shop.folder, 'unless');
  writeFileSync(`${mark}.alpha`, '');
  const run = await shop.begin(
    yaml(
      'unless',
      `steps:
  - id: A
    title: Do it
    on: each node
    run: 'echo did >"$MARK.$HOST"'
    env: { MARK: '"${mark}"', HOST: host.name }
    timeout: 10s
    unsafe: it writes
    unless: { run: 'ls "$MARK.$HOST"', expect: status == 0, saying: It is done }
  - { id: B, title: Nobody there, on: spare, run: 'true', timeout: 10s, unsafe: no matter, unreachable: It is gone }
`,
    ),
  );
  const waiting = await shop.until(run, asking);
  const [approval] = Object.values(waiting.approvals);
  expect(approval?.subject.items.map(({ host }) => host)).toEqual(['beta']);
  await shop.desk.act(run, { kind: 'approve', request: approval?.request ?? '', digest: approval?.digest ?? '' }, sam);
  expect((await shop.until(run, (each) => ended(each) || troubled(each))).ended?.outcome).toBe('succeeded');
  const skipped = of(await shop.events(run), 'hostSkipped');
  expect(skipped.map(({ step, host }) => `${step} ${host}`)).toEqual(['A alpha', 'B gone']);
  expect(skipped[1]?.why).toMatch(/It is gone\. gone .* cannot be reached/);
});

test('a secret reaches the command and nothing else', async () => {
  const run = await shop.begin(
    yaml(
      'secret',
      `secrets: { password: { title: A password } }
steps:
  - { id: A, title: Use it, on: main, run: 'printf "%s" "$P" | wc -c; echo "$P"; case $P in *\\$\\(id\\)*) echo whole ;; esac', env: { P: secrets.password }, timeout: 10s, unsafe: it is secret }
`,
    ),
  );
  const waiting = await shop.until(run, asking);
  const [approval] = Object.values(waiting.approvals);
  await shop.desk.act(run, { kind: 'approve', request: approval?.request ?? '', digest: approval?.digest ?? '' }, sam);
  await shop.until(run, ended);
  const recorded = JSON.stringify(await shop.recorded(run));
  expect(recorded).not.toContain(PASSWORD);
  expect(recorded).not.toContain(JSON.stringify(PASSWORD).slice(1, -1));
  const [output] = outputs(await shop.events(run));
  expect(output).toMatch(new RegExp(`^\\s*${PASSWORD.length}\\n•+\\nwhole\\n$`));
});

test('a shell of the product gets script, values and answers', async () => {
  const shell = join(shop.folder, 'product-shell');
  writeFileSync(shell, '#!/bin/sh\necho "Welcome to the product"\nexec env -i PATH="$PATH" INSIDE=1 /bin/sh\n', { mode: 0o755 });
  const events = await toItsEnd(
    yaml(
      'shells',
      `shells: { product: { run: '${shell}' } }
steps:
  - { id: A, title: Plain, on: main, shell: product, run: 'echo "inside $(printenv INSIDE) with $V"; exit 0', env: { V: '"it''s \\"so\\""' }, timeout: 10s }
  - id: B
    title: Asked
    on: main
    shell: product
    run: |
      printf 'Name: '
      read n
      echo "inside $(printenv INSIDE): $n"
      exit 4
    timeout: 20s
    statuses: [4]
    answers: [{ prompt: 'Name: ', answer: '"Ann"' }]
`,
    ),
  );
  expect(outputs(events)).toEqual(['Welcome to the product\ninside 1 with it\'s "so"\n', 'Welcome to the product\nName: inside 1: Ann\n']);
});

test('a host has values of its own for the variables', async () => {
  const events = await toItsEnd(
    yaml(
      'colours',
      `variables: { colour: { type: text } }
steps:
  - { id: A, title: Say, on: each node, run: 'echo "$C"', env: { C: vars.colour }, timeout: 10s, says: 'It is {{ stdout }}' }
`,
    ),
  );
  expect(outputs(events)).toEqual(['red\n', 'blue\n']);
});

test('what should hold and does not is a warning, and the run goes on', async () => {
  const events = await toItsEnd(
    yaml(
      'warns',
      `steps:
  - id: A
    title: Look
    on: main
    run: 'echo "lag: 10"; exit 3'
    statuses: [0, 3]
    timeout: 10s
    read: keys
    expect: status == 3
    warn: [{ that: 'int(keys.lag) < 5', else: 'The lag is {{ keys.lag }}.' }]
`,
    ),
  );
  expect(of(events, 'hostPassed')[0]?.warnings).toEqual(['The lag is 10.']);
});

test('people do by hand, confirm or decline, each once', async () => {
  const run = await shop.begin(
    yaml(
      'people',
      `steps:
  - { manual: 'Turn the key of {{ cluster.name }}', id: M }
  - { confirm: Is there a backup?, id: C, second: Data may be lost }
`,
    ),
  );
  const manual = Object.values((await shop.until(run, questioned)).questions)[0];
  expect(manual).toMatchObject({ about: 'manual', text: 'Turn the key of prod' });
  await shop.desk.act(run, { kind: 'answer', question: manual?.question ?? '', answer: 'done', note: '' }, dana);
  const asked = await shop.until(run, (each) => Object.keys(each.questions).length === 2);
  const confirm = Object.values(asked.questions)[1]?.question ?? '';
  expect(await shop.desk.act(run, { kind: 'answer', question: confirm, answer: 'done', note: '' }, dana)).toMatchObject({
    kind: 'refused',
  });
  expect(await shop.desk.act(run, { kind: 'answer', question: confirm, answer: 'declined', note: 'none' }, sam)).toMatchObject({
    kind: 'taken',
  });
  const declined = await shop.until(run, troubled);
  expect(declined.trouble).toMatchObject({ what: { kind: 'declined' }, choices: ['askAgain', 'abort'] });
  await shop.desk.act(run, { kind: 'settle', trouble: declined.trouble?.trouble ?? '', choice: 'askAgain', reason: '' }, dana);
  const again = Object.values((await shop.until(run, questioned)).questions).at(-1)?.question ?? '';
  await shop.desk.act(run, { kind: 'answer', question: again, answer: 'done', note: '' }, sam);
  expect((await shop.until(run, ended)).ended?.outcome).toBe('succeeded');
});

test('of several hosts at once each trouble is settled in its turn', async () => {
  const run = await shop.begin(
    yaml(
      'both',
      `steps:
  - { id: A, title: Fail once, on: all node, run: 'test -e "$F.$H" || { echo >"$F.$H"; exit 3; }', env: { F: '"${join(shop.folder, 'both')}"', H: host.name }, timeout: 10s }
`,
    ),
  );
  const first = await shop.until(run, troubled);
  await shop.desk.act(run, { kind: 'settle', trouble: first.trouble?.trouble ?? '', choice: 'retry', reason: '' }, dana);
  const second = await shop.until(run, (each) => each.trouble !== undefined && each.trouble.trouble !== first.trouble?.trouble);
  expect([first.trouble?.host, second.trouble?.host].sort()).toEqual(['alpha', 'beta']);
  await shop.desk.act(run, { kind: 'settle', trouble: second.trouble?.trouble ?? '', choice: 'retry', reason: '' }, dana);
  expect((await shop.until(run, ended)).ended?.outcome).toBe('succeeded');
});

test('the plan of the same moment has the digest of the run', async () => {
  const text = yaml(
    'planned',
    `steps:
  - { id: A, title: Find, on: any node, run: 'echo beta', timeout: 10s, read: lines, bind: { chosen: 'lines[0]' }, capture: { n: { value: '"7"', type: integer } } }
  - { id: B, title: Use, on: chosen, run: 'echo "$N"', env: { N: captured.n }, timeout: 10s }
`,
  );
  const events = await toItsEnd(text);
  const planned = await shop.desk.plan({ procedure: 'planned', cluster: 'prod', params: {}, standing: dana });
  if (planned.kind !== 'planned') throw new Error(JSON.stringify(planned));
  expect(of(events, 'planResolved').map(({ digest }) => digest)).toEqual([planned.plan.digest]);
  expect(planned.plan.steps[1]).toMatchObject({ hosts: ['beta'], values: [{ host: 'beta', env: { N: '7' } }] });
  expect(planned.plan.last?.steps).toHaveProperty('B');
});

test('a wait takes as long as a value says', async () => {
  const run = await shop.begin(
    yaml(
      'limits',
      `steps:
  - { id: A, title: Read, on: main, run: 'echo 1', timeout: 10s, read: lines, capture: { patience: 'int(lines[0])' } }
  - { id: B, title: Wait, on: main, until: { run: 'echo "not here" >&2; exit 3', read: json, expect: json.ok, every: 1s, within: { seconds: captured.patience }, waiting: it } }
  - { id: C, title: Wait, on: main, until: { run: 'exit 3', expect: status == 0, every: 1s, within: { seconds: captured.patience - 1 }, waiting: it } }
`,
    ),
  );
  const late = await shop.until(run, troubled);
  expect(late.trouble?.what).toEqual({
    kind: 'checkFailed',
    why: 'it: not so within 1 s. Seen last: exit status 3 (not here), not readable yet: it is empty',
  });
  await shop.desk.act(run, { kind: 'settle', trouble: late.trouble?.trouble ?? '', choice: 'skip', reason: 'seen' }, dana);
  const never = await shop.until(run, (state) => troubled(state) && state.trouble?.step === 'C');
  expect(never.trouble?.what).toEqual({
    kind: 'blocked',
    why: expect.stringMatching(/^how long to wait must be a number of seconds above 0.*; captured\.patience - 1 gives 0$/),
  });
  await shop.desk.act(run, { kind: 'settle', trouble: never.trouble?.trouble ?? '', choice: 'abort', reason: '' }, dana);
});

test('a plan leaves out the hosts that a run would', async () => {
  const text = yaml(
    'left-out',
    `steps:
  - { id: A, title: Read, on: each node, run: 'test "$H" = beta && echo 7', env: { H: host.name }, timeout: 10s, read_only: true, read: lines, capture: { n: { value: 'lines[0]', type: integer } }, unless: { run: 'echo "$H"', expect: 'stdout.contains("alpha")', saying: Nothing is there } }
  - { id: B, title: Use, on: main, run: 'echo "$N"', env: { N: 'captured.n["beta"]' }, timeout: 10s, when: '!("alpha" in captured.n)' }
`,
  );
  const events = await toItsEnd(text);
  expect(of(events, 'hostSkipped').map(({ host }) => host)).toEqual(['alpha']);
  expect(outputs(events).at(-1)).toBe('7\n');
  const planned = await shop.desk.plan({ procedure: 'left-out', cluster: 'prod', params: {}, standing: dana });
  if (planned.kind !== 'planned') throw new Error(JSON.stringify(planned));
  expect(planned.plan.problems).toEqual([]);
  expect(of(events, 'planResolved').map(({ digest }) => digest)).toEqual([planned.plan.digest]);
});
