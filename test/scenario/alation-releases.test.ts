/** Which steps of Alation's procedures are for which releases: around each limit that the documents name, from the plan alone. */
import { join, resolve } from 'node:path';
import { loadLibrary } from '../../src/files/load.ts';
import { checkInputs } from '../../src/procedure/params.ts';
import { buildPlan } from '../../src/run/build-plan.ts';
import { fixedRoles } from '../../src/run/roles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const library = loadLibrary({ procedures: join(ROOT, 'procedures'), clusters: join(ROOT, 'infra/clusters') });

function found<T extends { readonly name: string }>(among: readonly T[], name: string): T {
  const it = among.find((each) => each.name === name);
  if (it === undefined) throw new Error(`there is no ${name}: ${JSON.stringify(library.findings)}`);
  return it;
}

/** The ids of the given steps that a run would not skip, once these values are captured. */
function taken(name: string, params: Readonly<Record<string, string>>, captured: object, ids: readonly string[]): string {
  const procedure = found(library.procedures, name);
  const cluster = found(library.clusters, 'alation-prod');
  const checked = checkInputs(procedure.params, params, cluster);
  if (checked.kind === 'bad') throw new Error(checked.problems.map(({ message }) => message).join('; '));
  const setting = { procedure, cluster, params: checked.values };
  const roles = fixedRoles(setting);
  if (roles.kind === 'failed') throw new Error(roles.why);
  const plan = buildPlan({ ...setting, roles: roles.roles, captured: { ...captured } }, []);
  return plan.steps.flatMap(({ id, skipped }) => (ids.includes(id) && skipped === undefined ? [id] : [])).join(' ');
}

const PACKAGE = '/tmp/alation-4.14.7.20232.rpm';
const update = (from: string, to: string, backup: string, v2: boolean): string =>
  taken('update-split', { from, to, package: PACKAGE, backup }, { backup_v2: v2 }, [
    'U2',
    'U2-caught-up',
    'U3-downtime',
    'U3',
    'R3',
    'R8',
    'R9',
    'R10',
  ]);

const ROTATION = 'U2 U2-caught-up';
const REINDEXING = 'U3-downtime U3';

test.each([
  // Key rotation and reindexing, as the document lists them.
  ['2020.4', '2021.2', `${ROTATION} R3`],
  ['2020.4.3', '2021.2.1', `${ROTATION} R3`],
  ['2020.3', '2021.2', `${ROTATION} ${REINDEXING} R3`],
  ['2020.3.9', '2021.2.4', `${ROTATION} ${REINDEXING} R3`],
  ['2020.3', '2021.1', `${ROTATION} ${REINDEXING} R3`],
  ['VR7', '2021.1', `${ROTATION} ${REINDEXING} R3`],
  ['5.12.4', '2021.1', `${ROTATION} ${REINDEXING} R3`],
  ['2020.3', '2020.4', `${REINDEXING} R3`],
  ['VR7', '2020.4.2', `${REINDEXING} R3`],
  // To a release older than 2020.4: neither.
  ['VR7', '2020.3', ''],
  ['5.9.1', '5.12.3', ''],
  ['5.10.2', 'VR7', ''],
  // On 2020.4 already, and to a later patch of it or to 2021.1: neither.
  ['2020.4.0', '2020.4.6', 'R3'],
  ['2020.4', '2021.1', 'R3'],
  ['2020.4.9', '2021.1.5', 'R3'],
  // What skips 2021.1 needs the rotation, whether or not its target is listed; what comes from there does not.
  ['2020.4', '2021.3', `${ROTATION} R3`],
  ['2020.3', '2021.4', `${ROTATION} ${REINDEXING} R3 R8`],
  ['2021.1', '2021.2', 'R3'],
  ['2021.1.0', '2021.4', 'R3 R8'],
  // The Event Bus from 2021.4 on.
  ['2021.2', '2021.3.9', 'R3'],
  ['2021.2', '2021.4', 'R3 R8'],
  ['2021.4', '2021.4.1', 'R3 R8'],
  ['2021.4', '2022.1', 'R3 R8'],
])('an update from %s to %s takes these steps: %s', (from, to, steps) => {
  expect(update(from, to, 'v2', false)).toBe(steps);
});

test.each([
  // Backup V2 is turned on again before 2021.2 only, and only if it was on.
  ['2020.3', '2021.1.9', 'v2', true, 'R9'],
  ['2020.3', '2021.1', 'v1-keep', false, ''],
  ['2021.1', '2021.2', 'v2', true, ''],
  // Back to Backup V1 from 2021.2 on only, and only if it is to stay.
  ['2021.1', '2021.2', 'v1-keep', false, 'R10'],
  ['2020.4', '2021.4', 'v1-keep', false, 'R10'],
  ['2021.1', '2021.2', 'v1-to-v2', false, ''],
  ['2020.4', '2021.1', 'v1-to-v2', false, ''],
])('the backup from %s to %s with %s (V2 on: %s) takes: %s', (from, to, backup, v2, steps) => {
  expect(
    update(from, to, backup, v2)
      .split(' ')
      .filter((id) => /^R(9|10)$/.test(id))
      .join(' '),
  ).toBe(steps);
});

test.each([
  ['4.7.2', 'legacy'],
  ['4.8', ''],
  ['4.14.7', ''],
  ['VR1', ''],
  ['VR7', ''],
  ['2020.3', ''],
  ['2020.4', 'S6'],
  ['2020.4.0.17', 'S6'],
  ['2021.3.9', 'S6'],
  ['2021.4', 'S6 S10'],
  ['2022.1', 'S6 S10'],
])('a set-up on release %s takes these steps: %s', (release, steps) => {
  expect(taken('ha-setup', {}, { release, backup_v2: false }, ['legacy', 'S6', 'S10', 'backup-v2'])).toBe(steps);
});

test.each([
  [{ from: '2021' }, /from must match/],
  [{ to: 'latest' }, /to must match/],
  [{ package: 'alation-4.14.7.20232.rpm' }, /package must match/],
  [{ package: '/tmp/../etc/alation-4.14.7.20232.rpm' }, /package must match/],
  [{ package: '/tmp/alation.rpm' }, /package must match/],
  [{ package: '/tmp/$(id)/alation-4.14.7.20232.rpm' }, /package must match/],
  [{ package: '/tmp/.../alation-4.14.7.20232.rpm' }, /package must match/],
  [{ package: '/tmp/.x/-y/alation-4.14.7.20232.rpm' }, undefined],
  [{ backup: 'v1' }, /backup must be one of v2, v1-keep, v1-to-v2/],
])('parameters of an update are checked: %j', (given, complaint) => {
  const attempt = (): string =>
    taken('update-split', { from: '2020.4', to: '2021.2', package: PACKAGE, backup: 'v2', ...given }, { backup_v2: true }, []);
  if (complaint === undefined) expect(attempt()).toBe('');
  else expect(attempt).toThrow(complaint);
});
