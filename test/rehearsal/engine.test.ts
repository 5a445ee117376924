/** What procedures can say, rehearsed: each is the real engine over made-up hosts. */
import { CLUSTER, play } from './play.ts';

/** One line for each case: empty where it is as expected. */
async function told(procedure: string, test: string): Promise<readonly string[]> {
  return (await play(procedure, `${CLUSTER}${test}`)).told;
}

test('a tool is told what the procedure says, and the told line is compared', async () => {
  const procedure = `
steps:
  - { id: A, title: Activate, on: main, run: activate, timeout: 5m, answers: [{ prompt: 'Proceed\\? \\[y/n\\] ', answer: '"y"' }], expect: stdout.contains("done") }
`;
  const cases = (line: string): string => `
answers: [{ run: activate, asks: [{ prints: 'Proceed? [y/n] ', told: ${line} }], prints: done }]
cases: [{ title: it is told, expect: succeeded, does: [A main-1] }]
`;
  expect(await told(procedure, cases('y'))).toEqual(['', '']);
  expect(await told(procedure, cases('n'))).toEqual([expect.stringContaining('is told “n” | it is told “y”'), '']);
});

test('two tools at once are told what the other one printed', async () => {
  const procedure = `
steps:
  - id: A
    title: Exchange keys
    on: all node
    run: exchange
    timeout: 5m
    answers: [{ prompt: 'my key is (?<key>\\S+)\\nother key: ', answer: peer.key }]
`;
  const asks = (own: string, other: string): string => `asks: [{ prints: "my key is ${own}\\nother key: ", told: ${other} }]`;
  expect(
    await told(
      procedure,
      `
answers:
  - { on: main-1, run: exchange, ${asks('aaa', 'bbb')} }
  - { on: node-2, run: exchange, ${asks('bbb', 'aaa')} }
cases: [{ title: crosswise, expect: succeeded, does: [A main-1, A node-2] }]
`,
    ),
  ).toEqual(['', '']);
});

test('of two hosts at once each has its own trouble', async () => {
  const procedure = 'steps: [{ id: A, title: Act, on: all node, run: act, timeout: 1m }]\n';
  expect(
    await told(
      procedure,
      `
answers: [{ run: act, takes: 5s }]
cases:
  - { title: both fail and are tried again, answers: [{ on: main-1, run: act, in_turn: [{ status: 1 }, {}] }, { on: node-2, run: act, in_turn: [{ status: 2, takes: 9s }, {}] }], people: { A main-1: retry, A node-2: retry }, expect: succeeded, does: [A main-1, A node-2, A main-1, A node-2] }
  - { title: one fails, answers: [{ on: node-2, run: act, status: 2 }], expect: { stopped: A, on: node-2, because: exit status 2 }, does: [A main-1, A node-2] }
  - { title: one is passed over, answers: [{ on: node-2, run: act, status: 2 }], people: { A node-2: { skip: it is old } }, expect: succeeded }
`,
    ),
  ).toEqual(['', '', '', '']);
});

test('an answer for a step holds right after one left out', async () => {
  const procedure = `
params: { mode: { type: text, title: How, default: quick } }
steps:
  - { id: A, title: Find the main one, on: any node, run: members, timeout: 1m, read: keys, read_only: true, bind: { lead: keys.lead } }
  - { id: B, title: Slowly, on: lead, run: act, timeout: 1m, when: params.mode == "slow" }
  - { id: C, title: Quickly, on: lead, recheck: [lead], run: act, timeout: 1m, unsafe: It acts., unless: { run: look, expect: stdout == "done", saying: It is done } }
`;
  expect(
    await told(
      procedure,
      `
answers:
  - { step: C, run: look, prints: to do }
  - { run: members, prints: 'lead: main-1' }
  - { run: act }
cases:
  - { title: the look is made for C, expect: succeeded, asks: [C second], does: [C main-1], skipped: [B] }
  - title: the role is read again for C before anybody is asked
    answers: [{ step: C, run: members, prints: 'lead: node-2' }]
    expect: { stopped: C, because: lead was main-1 and is now node-2 }
    asks: []
`,
    ),
  ).toEqual(['', '', '']);
});

test('a prompt that nobody foresaw is answered by people or waits', async () => {
  const procedure = 'steps: [{ id: A, title: Ask, on: main, run: ask, timeout: 1m, answers: [] }]\n';
  expect(
    await told(
      procedure,
      `
answers: [{ run: ask, asks: [{ prints: 'Overwrite it? ', told: yes please }], prints: done }]
cases:
  - { title: people answer, people: { A: { answer: yes please } }, expect: succeeded, asks: [A anyone], says: ['Overwrite it?', yes please] }
  - { title: nobody answers, expect: { waits: A, on: main-1, because: 'Overwrite it?' } }
`,
    ),
  ).toEqual(['', '', '']);
});

test('a secret reaches the script and is nowhere in the thread', async () => {
  const procedure = (say: string): string => `
secrets: { password: { title: Password of the server } }
steps:
  - { id: A, title: Log in, on: main, env: { PASSWORD: secrets.password }, run: 'login', timeout: 1m${say} }
`;
  const test = (prints: string): string => `
secrets: { password: hush-hush }
answers: [{ run: login, with: { PASSWORD: hush-hush }, prints: '${prints}' }]
cases: [{ title: it logs in, expect: succeeded }]
`;
  expect(await told(procedure(''), test('logged in with hush-hush'))).toEqual(['', '']);
  // In two pieces nobody can know it; a text that joins them shows it.
  const joined = `, read: regex, pattern: '(?<a>\\S+) (?<b>\\S+)', says: '{{ match.a + match.b }}'`;
  const cut = await told(procedure(joined), test('hush -hush'));
  expect(cut).toEqual([expect.stringContaining('the secret password is nowhere in the thread'), '']);
});

test('files are edited with a diff, copied, and found as they are left', async () => {
  const procedure = `
steps:
  - { id: A, title: Change it, on: main, edit: { path: '"/etc/it.conf"', set: { mode: '"fast"' } }, timeout: 1m, unsafe: It changes. }
  - { id: B, title: Copy it, on: all node, unless: { run: cmp it, expect: status == 0, saying: it is the same }, copy: { from: main, path: '"/etc/it.conf"' }, timeout: 1m }
`;
  expect(
    await told(
      procedure,
      `
files: { main-1: { /etc/it.conf: { text: "mode = slow\\n", owner: it, group: it, mode: '640' } } }
answers:
  - { on: main-1, run: cmp it }
  - { on: node-2, run: cmp it, status: 1 }
cases:
  - title: changed and copied
    expect: succeeded
    does: [A main-1, B node-2]
    skipped: { B main-1: it is the same }
    says: ['-mode = slow', '+mode = fast', /etc/it.conf is in place]
    leaves: { main-1: { /etc/it.conf: "mode = fast\\n" }, node-2: { /etc/it.conf: { text: "mode = fast\\n", owner: it, group: it, mode: '640' } } }
  - title: a copy that is cut begins again
    answers: [{ copy: /etc/it.conf, in_turn: [{ breaks: true }, {}] }]
    expect: succeeded
    leaves: { node-2: { /etc/it.conf: "mode = fast\\n" } }
  - title: one that is cut again and again is never taken for the file
    answers: [{ copy: /etc/it.conf, breaks: true }]
    expect: { stopped: B, on: node-2, because: nothing was put in its place on node-2 }
    leaves: { node-2: { /etc/it.conf: { is: missing } } }
  - title: a link is not written over
    files: { node-2: { /etc/it.conf: { text: old, link: true } } }
    expect: { stopped: B, on: node-2, because: the command ended with exit status 1 }
    says: [/etc/it.conf is a link]
  - title: a file that has gone stops it
    files: { main-1: { /etc/it.conf: { is: missing } } }
    expect: { stopped: A, because: it is not there }
    does: []
`,
    ),
  ).toEqual(['', '', '', '', '', '']);
});

test('requests are answered by their address', async () => {
  const procedure = `
steps:
  - id: A
    title: Make it the master
    on: main
    http: { url: '"https://" + host.name + ":8443/v1/state"', form: { mode: '"MASTER"' } }
    timeout: 1m
    until: { http: { url: '"https://" + host.name + ":8443/v1/state"' }, read: json, expect: json == "MASTER", every: 1s, within: 1m, waiting: it to be the master }
`;
  expect(
    await told(
      procedure,
      `
answers:
  - { http: main-1:8443/v1/state, method: POST, with: { REQUEST_FORM_1: MASTER } }
  - { http: /v1/state, method: GET, in_turn: [{ prints: '"STANDBY"', for: 20s }, { prints: '"MASTER"' }] }
cases: [{ title: it becomes the master, expect: succeeded, says: ['"MASTER"'] }]
`,
    ),
  ).toEqual(['', '']);
});

test('a shell of the product is looked through', async () => {
  const procedure = `
shells: { product: { run: sudo /etc/init.d/product shell } }
params: { word: { type: text } }
steps: [{ id: A, title: Act, on: main, shell: product, env: { WORD: params.word }, run: "act 'now' \\"$WORD\\"", timeout: 1m }]
`;
  expect(
    await told(
      procedure,
      `
params: { word: it's }
answers: [{ run: "act 'now'", with: { WORD: "it's" }, prints: done }]
cases: [{ title: it acts, expect: succeeded }]
`,
    ),
  ).toEqual(['', '']);
});

test('hosts may be silent, other machines, or lost', async () => {
  const procedure = `
steps:
  - { id: A, title: Stop what is left, on: each node, run: stop, timeout: 1m, unreachable: it is gone already, retry: { forbidden: Look at the host. } }
`;
  expect(
    await told(
      procedure,
      `
answers: [{ run: stop }]
cases:
  - { title: both stop, expect: succeeded, does: [A main-1, A node-2], skipped: [] }
  - { title: one is gone, answers: [{ on: node-2, refuses: unreachable }], expect: succeeded, skipped: { A node-2: it is gone already } }
  - { title: one is another machine, answers: [{ on: node-2, refuses: host-key-changed }], expect: succeeded, skipped: [A node-2] }
  - { title: one lets nobody in, answers: [{ on: node-2, refuses: login-refused }], expect: { stopped: A, on: node-2, because: did not let keyturn in, offers: [skip, abort] } }
  - { title: an end that is lost is settled by people, answers: [{ on: main-1, run: stop, lost: true }], people: { A: settle-done }, expect: succeeded }
  - { title: a broken connection is no end, answers: [{ on: main-1, run: stop, breaks: true }], expect: succeeded, does: [A main-1, A node-2] }
`,
    ),
  ).toEqual(['', '', '', '', '', '', '']);
});

test('people do, confirm, decline, reject and let requests expire', async () => {
  const procedure = `
steps:
  - { id: backup, confirm: Is there a backup of today?, second: Without one nothing can be taken back. }
  - { id: A, title: Wipe it, on: main, run: wipe, timeout: 1m, unsafe: It wipes. }
  - { id: move, manual: Move the address. }
  - { id: B, title: Greet, on: main, run: greet, timeout: 1m, gate: Is everybody ready? }
`;
  expect(
    await told(
      procedure,
      `
answers: [{ run: wipe }, { run: greet }]
cases:
  - { title: all goes well, expect: succeeded, asks: [backup second, A second, move anyone, B anyone] }
  - { title: there is no backup, people: { backup: { no: the disk is full } }, expect: { stopped: backup, because: 'it is not so: the disk is full', offers: [ask-again, abort] }, does: [] }
  - { title: it is rejected, people: { A: [reject, ask-again, approve] }, expect: succeeded, asks: [backup, A, A, move, B] }
  - { title: nobody decides, people: { A: ignore }, expect: { stopped: A, because: nobody decided within 30 min } }
  - { title: it cannot be done by hand, people: { move: [no, { skip: not today }] }, expect: succeeded, does: [A main-1, B main-1] }
  - { title: it is cancelled, people: { B: cancel }, expect: cancelled, does: [A main-1] }
`,
    ),
  ).toEqual(['', '', '', '', '', '', '']);
});

test('a machine that was exchanged is met anew', async () => {
  const procedure = `
steps:
  - { id: A, title: Stop it, on: main, run: stop, timeout: 1m }
  - { id: swap, manual: Exchange the machine., exchanges: main }
  - { id: B, title: Start it, on: main, run: start, timeout: 1m }
`;
  expect(
    await told(
      procedure,
      'answers: [{ run: stop }, { run: start }]\ncases: [{ title: through, expect: succeeded, does: [A main-1, B main-1] }]\n',
    ),
  ).toEqual(['', '']);
});

test('days of work and waiting go by in no time', async () => {
  const procedure = `
steps:
  - { id: A, title: Replicate, on: main, run: replicate, timeout: 3d, until: { run: lag, expect: 'stdout == "0"', every: 1m, growing_to: 30m, within: 2d, waiting: no lag } }
  - { id: B, title: Ask, on: main, run: ask, timeout: 1m, answers: [] }
`;
  const from = performance.now();
  expect(
    await told(
      procedure,
      `
answers:
  - { run: replicate, takes: 2d }
  - { run: lag, in_turn: [{ prints: '17', for: 30h }, { prints: '0' }] }
  - { run: ask, asks: [{ prints: 'And now? ' }] }
cases:
  - { title: two days and a night, people: { B: { answer: go } }, expect: succeeded }
  - { title: longer than it may, answers: [{ run: replicate, takes: 4d }], expect: { stopped: A, because: longer than its limit } }
`,
    ),
  ).toEqual(['', '', '']);
  expect(performance.now() - from).toBeLessThan(3_000);
});

test('what wants several people is approved by as many in turn', async () => {
  const procedure = `
may: { start: [U0ONCALL], approve: { all: [[S0DBA], { count: 2 }] } }
steps:
  - { id: A, title: Wipe it, on: main, run: wipe, timeout: 1m, unsafe: It wipes., approve: [U0BOSS] }
`;
  const cases = `
answers: [{ run: wipe, in_turn: [{ status: 1 }, {}] }]
cases:
  - { title: everybody agrees, people: { A: [approve, retry, approve] }, expect: succeeded, does: [A main-1, A main-1] }
  - { title: one says no, people: { A: [reject] }, expect: { stopped: A, because: rejected } }
  - { title: it is skipped by as many, people: { A: [approve, { skip: it was wiped }] }, expect: succeeded, does: [A main-1] }
`;
  expect(await told(procedure, cases)).toEqual(['', '', '', '']);
});
