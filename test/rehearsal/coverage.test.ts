/** Which ways a procedure can go, and which of them no case took. */
import { CLUSTER, play } from './play.ts';

async function missed(procedure: string, test: string): Promise<readonly string[]> {
  const result = await play(procedure, `${CLUSTER}${test}`);
  expect(result.told.join('')).toBe('');
  return result.missed;
}

test('conditions count both ways, steps that are never done too', async () => {
  const procedure = `
params: { mode: { type: enum, values: [soft, hard], default: soft } }
steps:
  - { announce: It begins. }
  - { id: A, title: End it, on: main, when: 'params.mode == "hard"', run: end, timeout: 1m }
`;
  const soft = 'cases:\n  - { title: soft, expect: succeeded }\n';
  expect(await missed(procedure, soft)).toEqual(['A is never done', 'A never has a command that fails']);
  const hard = `${soft}  - { title: hard, params: { mode: hard }, answers: [{ run: end }], expect: succeeded }\n`;
  expect(await missed(procedure, hard)).toEqual(['A never has a command that fails']);
  const fails = `${hard}  - { title: fails, params: { mode: hard }, answers: [{ run: end, status: 1 }], expect: { stopped: A } }\n`;
  expect(await missed(procedure, fails)).toEqual([]);
});

test('each expectation and each warning must have failed once', async () => {
  const procedure = `
steps:
  - id: A
    title: Look
    on: main
    run: look
    timeout: 1m
    read: keys
    expect:
      - { that: keys.state == "up", else: 'It is {{ keys.state }}.' }
      - { that: keys.mode == "fast", else: It is slow. }
    warn: [{ that: keys.backup == "on", else: There is no backup. }]
`;
  const well = 'answers: [{ run: look, prints: "state: up\\nmode: fast\\nbackup: on" }]\ncases:\n  - { title: well, expect: succeeded }\n';
  expect(await missed(procedure, well)).toEqual([
    'A never has a command that fails',
    'A never fails because of `keys.state == "up"`',
    'A never fails because of `keys.mode == "fast"`',
    'A never warns because of `keys.backup == "on"`',
  ]);
  const more = `${well}
  - { title: fails, answers: [{ run: look, status: 2 }], expect: { stopped: A } }
  - { title: down, answers: [{ run: look, prints: "state: down\\nmode: fast" }], expect: { stopped: A, because: It is down. } }
  - { title: slow, answers: [{ run: look, prints: "state: up\\nmode: slow" }], expect: { stopped: A, because: It is slow. } }
  - { title: warns, answers: [{ run: look, prints: "state: up\\nmode: fast\\nbackup: off" }], expect: succeeded, says: [There is no backup.] }
`;
  expect(await missed(procedure, more)).toEqual([]);
});

test('what stands once under shared is one branch', async () => {
  const procedure = `
steps:
  - { id: A, title: Stop main, on: main, use: stop }
  - { id: B, title: Stop the nodes, on: each node, use: stop }
shared:
  stop: { run: stop, timeout: 1m, until: { run: state, expect: 'stdout == "down"', every: 1s, within: 5s, waiting: '{{ host.name }} to be down' } }
`;
  const test = `
answers: [{ run: stop }, { run: state, prints: down }]
cases:
  - { title: well, expect: succeeded }
`;
  expect(await missed(procedure, test)).toEqual([
    'A, B never has a command that fails',
    'A, B never waits in vain (for {{ host.name }} to be down)',
    'B is never left out because there is no node',
  ]);
  const more = `${test}
  - { title: fails, answers: [{ step: A, run: stop, status: 1 }], expect: { stopped: A } }
  - { title: in vain, answers: [{ step: B, run: state, prints: up }], expect: { stopped: B, because: main-1 to be down } }
  - { title: nobody, cluster: { hosts: { main-1: [main], node-2: [other] } }, expect: succeeded, skipped: [B] }
`;
  expect(await missed(procedure, more)).toEqual([]);
});

test('what is required is found amiss in some case', async () => {
  const procedure = `
steps:
  - id: A
    title: Stop it
    on: main
    unsafe: It stops
    requires: [{ run: ping, expect: 'stdout == "up"', says: '{{ host.name }} is up', on: each node }]
    until: { run: state, expect: 'stdout == "down"', within: 5s, waiting: it }
    run: stop
    timeout: 1m
`;
  const answers = `
answers:
  - { run: stop }
  - { run: state, prints: down }
  - { run: ping, on: main-1, prints: up }`;
  const cases = `
cases:
  - { title: well, answers: [{ run: ping, on: node-2, prints: up }], expect: succeeded, asks: [A second] }
  - { title: fails, answers: [{ run: ping, on: node-2, prints: up }, { run: stop, status: 1 }], expect: { stopped: A } }
  - { title: in vain, answers: [{ run: ping, on: node-2, prints: up }, { run: state, on: main-1, prints: up }], expect: { stopped: A } }
`;
  expect(await missed(procedure, `${answers}${cases}`)).toEqual(['A never finds amiss what it requires ({{ host.name }} is up)']);
  const amiss = `
  - title: down, and put right
    answers: [{ run: ping, on: node-2, in_turn: [{ prints: down }, { prints: up }] }]
    people: { A: [check-again, approve] }
    expect: succeeded
    asks: [A, A]
  - title: down for good
    answers: [{ run: ping, on: node-2, prints: down }]
    expect: { stopped: A, because: nobody could approve it }
    does: []
`;
  expect(await missed(procedure, `${answers}${cases}${amiss}`)).toEqual([]);
});

test('looks beforehand, silent hosts, moved roles, prompts and answers of people count', async () => {
  const procedure = `
steps:
  - { id: who, title: Who leads, on: any node, run: who leads, timeout: 1m, read_only: true, read: lines, bind: { leader: 'lines[0]' } }
  - { id: sure, confirm: Are you sure? }
  - id: A
    title: Stop it
    on: leader
    recheck: [leader]
    unless: { run: state, expect: 'stdout == "down"', saying: it is down }
    unreachable: it is gone
    run: stop
    timeout: 1m
    answers: [{ prompt: 'Really\\? ', answer: '"y"' }]
`;
  const test = `
answers:
  - { run: who leads, prints: node-2 }
  - { run: state, prints: up }
  - { run: stop, asks: [{ prints: 'Really? ', told: y }] }
cases:
  - { title: well, expect: succeeded }
`;
  expect(await missed(procedure, test)).toEqual([
    'who never has a command that fails',
    'who is never tried on the next host',
    'sure is never answered with no',
    'A is never found not to be needed (it is down)',
    'A never leaves out a host that cannot be reached (it is gone)',
    'A never finds that leader has moved',
    'A never has a command that fails',
  ]);
  const more = `${test}
  - { title: asked elsewhere, answers: [{ on: main-1, run: who leads, status: 1 }], expect: succeeded }
  - { title: not sure, people: { sure: no }, expect: { stopped: sure } }
  - { title: down, answers: [{ run: state, prints: down }], expect: succeeded, skipped: { A node-2: it is down } }
  - { title: gone, answers: [{ run: state, refuses: unreachable }], expect: succeeded, skipped: { A node-2: it is gone } }
  - { title: moved, answers: [{ step: A, run: who leads, prints: main-1 }], expect: { stopped: A } }
  - { title: fails, answers: [{ run: stop, lost: true }], expect: { stopped: A } }
`;
  expect(await missed(procedure, more)).toEqual([]);
  const never = `${more.replace("asks: [{ prints: 'Really? ', told: y }]", 'prints: done')}`;
  expect(await missed(procedure, never)).toEqual(['A is never asked “Really\\?”']);
});
