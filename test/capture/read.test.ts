import fc from 'fast-check';
import { read } from '../../src/capture/read.ts';
import { readerSchema } from '../../src/procedure/model.ts';

const running = `agent RUNNING pid 650197, uptime 0:01:38
coordinator                      RUNNING   pid 650198, uptime 3 days, 0:01:38
group:egress                     STOPPED   Jan 13 03:00 PM
ingress                          STARTING
registry                         FATAL     Exited too quickly (process log may have details)
`;
const services = (stdout: string, stderr = '', status = 0) => read({ read: 'services' }, { stdout, stderr, status });

describe('services', () => {
  test('each line gives name, state and what there is beside', () => {
    expect(services(running)).toMatchObject({
      values: {
        supervisor: 'up',
        services: [
          { name: 'agent', state: 'RUNNING', pid: 650197, uptime: '0:01:38' },
          { name: 'coordinator', state: 'RUNNING', pid: 650198, uptime: '3 days, 0:01:38' },
          { name: 'group:egress', state: 'STOPPED' },
          { name: 'ingress', state: 'STARTING' },
          { name: 'registry', state: 'FATAL' },
        ],
      },
    });
  });

  test.each([
    ['unix:///opt/atscale/run/supervisor.sock no such file\n', ''],
    ['', 'unix:///tmp/supervisor.sock refused connection\n'],
    ['http://localhost:9001 refused connection\n', ''],
    ['', "error: <class 'ConnectionRefusedError'>, [Errno 111] Connection refused: file: /usr/lib/socket.py line: 833\n"],
    ['a warning first\nunix:///x.sock no such file', ''],
  ])('%j and %j mean that the supervisor is down', (stdout, stderr) => {
    expect(services(stdout, stderr, 4)).toMatchObject({ values: { supervisor: 'down', services: [], status: 4 } });
  });

  test.each([
    ['nothing', '', '', 'it shows no service, and does not say that the supervisor is down'],
    [
      'a missing program',
      '',
      'sh: 1: atscale_service_control: not found',
      'it shows no service, and does not say that the supervisor is down',
    ],
    ['an unknown state', 'agent RUNNING pid 1, uptime 0:00:01\negress PAUSED\n', '', 'line 2 has an unknown state: egress PAUSED'],
    [
      'a service that does not exist',
      'egress: ERROR (no such process)\n',
      '',
      'line 1 has an unknown state: egress: ERROR (no such process)',
    ],
    [
      'services beside a connection error',
      running,
      'unix:///x.sock refused connection',
      'it shows services and says that the supervisor cannot be reached',
    ],
    ['a service shown twice', 'agent RUNNING\nagent STOPPED\n', '', 'it shows the service agent twice'],
  ])('%s is refused with the reason', (_title, stdout, stderr, why) => {
    expect(services(stdout, stderr)).toEqual({ kind: 'unreadable', why });
  });

  test('log lines beside the services are left out', () => {
    expect(services(`2023-01-13 14:59:59,465 - WARNING - hm\n${running}`)).toMatchObject({ kind: 'read' });
  });
});

describe('json and keys', () => {
  test.each([
    ['{"a": [1, {"b": null}]}', { json: { a: [1, { b: null }] } }],
    ['"MASTER"\n', { json: 'MASTER' }],
    ['\uFEFF3', { json: 3 }],
  ])('%j is read as JSON', (stdout, values) => {
    expect(read({ read: 'json' }, { stdout, stderr: '', status: 0 })).toMatchObject({ kind: 'read', values });
  });

  test.each([
    ['', 'it is empty'],
    ['{"a": ', 'it is not JSON'],
    ['WARN\n{}', 'it is not JSON'],
    ['['.repeat(60) + ']'.repeat(60), 'it is nested more than 50 deep'],
    [`"${'x'.repeat(1024 * 1024)}"`, 'it is longer than 1 MiB'],
  ])('%.20j is refused with the reason', (stdout, why) => {
    expect(read({ read: 'json' }, { stdout, stderr: '', status: 0 })).toEqual({ kind: 'unreadable', why });
  });

  test('keys come from colons and equal signs', () => {
    const stdout = 'status: ok\n  alation.backup.enabled = True\nurl=http://x:1/a=b\nwarning line\nempty:\n__proto__: x\n';
    expect(read({ read: 'keys' }, { stdout, stderr: '', status: 0 })).toMatchObject({ kind: 'read' });
    const reading = read({ read: 'keys' }, { stdout, stderr: '', status: 0 });
    expect(reading.kind === 'read' && Object.entries(reading.values.keys ?? {})).toEqual([
      ['status', 'ok'],
      ['alation.backup.enabled', 'True'],
      ['url', 'http://x:1/a=b'],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });

  test.each([
    ['no pairs here', 'it holds no line like `name: value` or `name = value`'],
    ['a: 1\nb: 2\na: 3', 'line 3 gives a a second time'],
  ])('%j is refused with the reason', (stdout, why) => {
    expect(read({ read: 'keys' }, { stdout, stderr: '', status: 0 })).toEqual({ kind: 'unreadable', why });
  });
});

describe('lines and regex', () => {
  const printed = (stdout: string) => ({ stdout, stderr: '', status: 0 });

  test('lines come without blanks around them and without empty ones', () => {
    expect(read({ read: 'lines' }, printed('  a b \r\n\n\u001b[31mc\u001b[0m\n'))).toMatchObject({ values: { lines: ['a b', 'c'] } });
    expect(read({ read: 'lines' }, printed(''))).toMatchObject({ kind: 'read', values: { lines: [] } });
  });

  test('regex gives the groups of the first place and of all', () => {
    const how = { read: 'regex', pattern: '^lag of (?<what>\\w+): (?<bytes>[0-9]+)$' } as const;
    expect(read(how, printed('lag of postgres: 12\nnoise\nlag of mongo: 0\n'))).toMatchObject({
      values: { match: { what: 'postgres', bytes: '12' }, matches: [{ bytes: '12' }, { what: 'mongo', bytes: '0' }] },
    });
  });

  test.each([
    ['nothing that fits', 'lag: unknown', '(?<lag>[0-9]+)', 'nothing in it fits the pattern (?<lag>[0-9]+)'],
    ['a pattern that takes too long', 'a'.repeat(60), '(a+)+b', 'the pattern takes too long on it: (a+)+b'],
    ['too many lines', '\n'.repeat(10_001), 'x', 'it has more than 10000 lines'],
  ])('%s is refused with the reason', (_title, stdout, pattern, why) => {
    expect(read({ read: 'regex', pattern }, printed(stdout))).toEqual({ kind: 'unreadable', why });
  });
});

test('text gives what was printed, without terminal codes', () => {
  expect(read({ read: 'text' }, { stdout: '\u001b[1mhi\u001b[0m', stderr: 'e', status: 7 })).toEqual({
    kind: 'read',
    values: { stdout: 'hi', stderr: 'e', status: 7 },
  });
});

describe('hostile output', () => {
  const readers = fc.constantFrom(...readerSchema.options);
  const pieces = fc.array(
    fc.constantFrom('+', '-', '|', ' Cluster: ', '(', ')', '\n', 'RUNNING', ' ', ':', '=', '{', '"', '\u001b[', '\u0000', 'é'),
    { maxLength: 80 },
  );

  test('no output whatever makes a reader throw', () => {
    fc.assert(
      fc.property(
        readers,
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((some) => some.join('')),
        ),
        (reader, stdout) =>
          ['read', 'unreadable'].includes(read({ read: reader, pattern: '(?<a>[a-z]+):' }, { stdout, stderr: stdout, status: 0 }).kind),
      ),
    );
  });

  test.each(['|', '+ Cluster: ', 'a ', ' ', '\u001b[', 'a:', '(', 'RUNNING ', '\u202e', '🙂', 'unix://'])(
    'a line of one megabyte of %j is answered',
    (piece) => {
      const stdout = piece.repeat(Math.ceil((1024 * 1024) / piece.length));
      for (const reader of readerSchema.options)
        expect(['read', 'unreadable']).toContain(read({ read: reader, pattern: '(?<a>[a-z]+):' }, { stdout, stderr: '', status: 0 }).kind);
    },
  );
});
