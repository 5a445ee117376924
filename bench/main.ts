/** `npm run bench -- <name>`: figures as ratios within one run. */
import { benchHistory } from './history.ts';
import { benchRecord } from './record.ts';
import { benchSteps } from './steps.ts';

const BENCHES: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  steps: benchSteps,
  history: benchHistory,
  record: benchRecord,
};

const name = process.argv[2];
const bench = name === undefined ? undefined : BENCHES[name];
if (bench === undefined) {
  process.stderr.write(`Usage: npm run bench -- <name>\nNames: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
await bench((line) => process.stdout.write(`${line}\n`));
process.exit(0);
