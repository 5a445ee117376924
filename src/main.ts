/** The process: environment in, signals, exit code. `node dist/src/main.js [both|bot|worker]`. */
import type { Logger } from 'pino';
import { type Config, type Role, readConfig } from './config.ts';
import { readDotEnv } from './dot-env.ts';
import { explain, KeyturnError } from './errors.ts';
import { type Keyturn, startKeyturn } from './keyturn.ts';
import { createLog } from './log.ts';

const IMPATIENT_MS = 3_000;
const UNFORESEEN = '  Check: the message above. Nobody foresaw it, so please report it with what you did.\n';

async function main(args: readonly string[]): Promise<void> {
  const config = configured(args[0]);
  const log = createLog(config);
  process.on('unhandledRejection', (reason) =>
    log.error({ reason: explain(reason) }, 'an unforeseen failure was caught; the process goes on'),
  );
  const starting = startKeyturn(config, log);
  stopOnSignals(starting, log);
  const keyturn = await starting;
  log.info({ procedures: keyturn.desk.procedures().length, clusters: keyturn.desk.clusters().length }, 'Keyturn is ready');
}

/**
 * Also while it starts: what was begun until then is taken down as well. One stop often comes as two signals (a terminal's to the group, a parent's
 * to its child): only a later one means impatience.
 */
function stopOnSignals(starting: Promise<Keyturn>, log: Logger): void {
  let asked: number | undefined;
  const ask = (): void => {
    if (asked !== undefined && Date.now() - asked > IMPATIENT_MS) process.exit(130);
    if (asked === undefined) void starting.then((keyturn) => stop(keyturn, log)).catch(() => undefined);
    asked ??= Date.now();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, ask);
  // A parent that keeps a line open (the demo) and dies takes its bot with it.
  if (process.connected) process.once('disconnect', ask);
}

function configured(role: string | undefined): Config {
  readDotEnv();
  return readConfig(process.env, roleOf(role));
}

function roleOf(word: string | undefined): Role {
  if (word === undefined || word === 'both') return 'both';
  if (word === 'bot' || word === 'worker') return word;
  throw new KeyturnError(
    'USAGE',
    `“${word}” is not a role; there are both, bot and worker`,
    'npm start (bot and worker), npm run bot, or npm run worker',
  );
}

async function stop(keyturn: Keyturn, log: Logger): Promise<void> {
  log.info('stopping; what runs on hosts goes on there and is followed at the next start');
  await keyturn.close();
  log.info('stopped');
  process.exit(0);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`Keyturn cannot start: ${explain(error)}\n${error instanceof KeyturnError ? '' : UNFORESEEN}`);
  process.exit(1);
});
