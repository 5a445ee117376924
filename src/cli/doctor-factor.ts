/** Second factors, where a cluster wants them: that those whom its file names can be enrolled, and are. */
import pino from 'pino';
import type { Config } from '../config.ts';
import type { Cluster } from '../inventory/model.ts';
import { keys } from '../journal/keys.ts';
import { connectRedis, disconnectRedis } from '../redis/connect.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';

type Wanted = Pick<Config, 'redisUrl' | 'administrators'>;

/** Nothing where no cluster wants a second factor. */
export async function checkFactors({ redisUrl, administrators }: Wanted, clusters: readonly Cluster[]): Promise<readonly Finding[]> {
  const guarded = clusters.filter(({ secondFactor }) => secondFactor !== undefined);
  if (guarded.length === 0) return [];
  const named = judgeAdministrators(administrators);
  if (redisUrl === undefined) {
    return [...named, warning('second factor', 'who is enrolled stands in Keyturn’s own Redis; `keyturn factor list` shows it')];
  }
  try {
    const enrolled = await enrolledIn(redisUrl);
    return [...named, ...guarded.map((cluster) => judgeCluster(cluster, enrolled))];
  } catch (error) {
    return [...named, failed('second factor', error, 'REDIS_URL, and that the server runs')];
  }
}

async function enrolledIn(url: string): Promise<ReadonlySet<string>> {
  const redis = await connectRedis(url, { role: 'journal', log: pino({ level: 'silent' }) });
  try {
    return new Set(await redis.smembers(keys.factors));
  } finally {
    await disconnectRedis(redis);
  }
}

function judgeAdministrators(administrators: readonly string[]): readonly Finding[] {
  if (administrators.length > 1) return [];
  const who =
    administrators.length === 0 ? 'nobody, so nobody can be enrolled' : 'one person, whom nobody can reset if their device is lost';
  return [warning('second factor', `KEYTURN_ADMINISTRATORS names ${who}; name two at least`)];
}

/** Pure. Groups are not looked into: who is in one changes, and the person is told at the form. */
function judgeCluster({ name, may, breakGlass, freeze }: Cluster, enrolled: ReadonlySet<string>): Finding {
  const users = [...new Set([...may.approve.users, ...(breakGlass?.people.users ?? []), ...(freeze?.override.users ?? [])])];
  const missing = users.filter((user) => !enrolled.has(user));
  const what = `${name} second factor`;
  if (missing.length > 0) {
    const how =
      'each of them can neither approve, override nor break the glass here until an administrator has run `keyturn factor enrol <user id> --by <administrator>` with them';
    return warning(what, `not enrolled: ${missing.join(', ')}; ${how}`);
  }
  const groups = may.approve.groups.length === 0 ? '' : '; members of groups were not looked at';
  return ok(what, `everybody whom its file names is enrolled${groups}`);
}
