import { read } from '../../src/capture/read.ts';

/** As the runbook shows it. */
const newer = `2023-01-13 14:59:59,465 - WARNING - Using atscale-postgres14-cluster as consul service name instead of scope name atscale_postgres14_cluster
+------------+------------------+---------+---------+----+-----------+
| Member | Host | Role | State | TL | Lag in MB |
+ Cluster: atscale_postgres14_cluster (7121824910042921340) --+-------+----+-----------+
| node-01.example | node-01.example:10520 | Leader | running | 3 | |
| node-02.example | node-02.example:10520 | Replica | running | 3 | 0 |
+------------+------------------+---------+---------+----+-----------+
`;
const older = `+----------+-----------------+-----------------+--------+---------+-----------+
| Cluster  |      Member     |       Host      |  Role  |  State  | Lag in MB |
+----------+-----------------+-----------------+--------+---------+-----------+
| postgres | node-01.example | node-01.example | Leader | running |           |
| postgres | node-02.example | node-02.example |        | running |       1.5 |
+----------+-----------------+-----------------+--------+---------+-----------+
`;
const titled = `+ Cluster: batman (7277694203142172922) -+----+-----------+
| Member | Host | Role | State | TL | Lag in MB |
+--------+------+------+-------+----+-----------+
| a | a:1 | Leader | running | 1 | |
+--------+------+------+-------+----+-----------+
 Maintenance mode: on
`;
const table = (stdout: string) => read({ read: 'table' }, { stdout, stderr: '', status: 0 });

test('the newer form gives rows and the title', () => {
  expect(table(newer)).toMatchObject({
    kind: 'read',
    values: {
      rows: [
        { member: 'node-01.example', host: 'node-01.example:10520', role: 'Leader', state: 'running', tl: 3, lag: null },
        { member: 'node-02.example', host: 'node-02.example:10520', role: 'Replica', state: 'running', tl: 3, lag: 0 },
      ],
      table: { cluster: 'atscale_postgres14_cluster', id: '7121824910042921340' },
      status: 0,
    },
  });
});

test('the older form names replicas that have no role', () => {
  expect(table(older)).toMatchObject({
    values: {
      rows: [
        { cluster: 'postgres', member: 'node-01.example', role: 'Leader', lag: null },
        { cluster: 'postgres', member: 'node-02.example', role: 'Replica', lag: '1.5' },
      ],
      table: { cluster: 'postgres', id: '' },
    },
  });
});

test('an empty role in the newer form stays empty', () => {
  expect(table(newer.replace('Replica', ' '))).toMatchObject({ values: { rows: [{ role: 'Leader' }, { role: '' }] } });
});

test('a title in the first border is read too', () => {
  expect(table(titled)).toMatchObject({ values: { rows: [{ member: 'a' }], table: { cluster: 'batman', id: '7277694203142172922' } } });
});

test('terminal colours and Windows line ends do no harm', () => {
  expect(table(newer.replaceAll('running', '\u001b[32mrunning\u001b[0m').replaceAll('\n', '\r\n'))).toMatchObject({
    values: { rows: [{ state: 'running' }, { state: 'running' }] },
  });
});

test.each([
  ['nothing', '', 'it holds no table'],
  ['log lines only', '2023-01-13 WARNING - no\n', 'it holds no table'],
  ['a table cut off after a row', newer.split('\n').slice(0, 5).join('\n'), 'its table is cut off: the last border is missing'],
  ['a table cut off inside a row', newer.slice(0, newer.indexOf('node-02')), 'its table is cut off: the last border is missing'],
  ['two tables', `${newer}\n${older}`, 'it holds more than one table, or one that is interrupted'],
  ['two tables without a gap', `${older}${older}`, 'it holds more than one table'],
  [
    'a log line inside',
    older.replace('| postgres | node-02', 'WARNING\n| postgres | node-02'),
    'it holds more than one table, or one that is interrupted',
  ],
  [
    'a row with a bar in it',
    newer.replace('3 | 0 |', '3 | | 0 |'),
    'line 6 has 7 columns instead of 6: | node-02.example | node-02.example:10520 | Replica | running | 3 | | 0 |',
  ],
  ['no rows', older.split('\n').toSpliced(3, 2).join('\n'), 'its table has no rows'],
  ['two columns of one name', newer.replace('| State |', '| Role |'), 'two columns of its table are called role'],
  ['rows without a header', older.split('\n').toSpliced(1, 2).join('\n'), 'its table has no line of column names between two borders'],
  ['more than ten thousand lines', `${'x\n'.repeat(10_001)}${newer}`, 'it has more than 10000 lines'],
])('%s is refused with the reason', (_title, stdout, why) => {
  expect(table(stdout)).toEqual({ kind: 'unreadable', why });
});

test('columns named like object members stay columns', () => {
  const reading = table('+---+---+\n| __proto__ | constructor |\n+---+---+\n| a | b |\n+---+---+\n');
  expect(reading).toMatchObject({ kind: 'read', values: { rows: [{ proto: 'a', constructor: 'b' }] } });
});
