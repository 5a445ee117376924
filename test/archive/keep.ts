/** A process that keeps house, pass after pass, on the store it is given: made to be killed, or to find its disk full. */
import { openStore } from './support.ts';

const [, , url = '', record = '', data = '', days = '31'] = process.argv;
const store = await openStore({ url, record, data });
process.stdout.write('ready\n');
await store.keep(Number(days));
process.stdout.write(`done ${store.logged.join('')}\n`);
process.exit(0);
