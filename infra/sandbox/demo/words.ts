/** What the demo says to whoever started it. */
import { join } from 'node:path';
import { DEFAULT_VERSION } from '../hosts/atscale/options.ts';

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** `token`: of the sandbox alone; it opens nothing else. */
export function welcome(pageUrl: string, folder: string, token: string): void {
  say('');
  say(`The demo is ready. Open   ${pageUrl}   in a browser.`);
  say('');
  say('  1. You are Dana Reyes, who is on call. Type   /ha restart atscale-prod');
  say('  2. Open the thread under the card. At the first unsafe step, switch to Sam Okafor (top right) and press Approve.');
  say('  3. Or try it as Dana, who asked for the run, or as Alex, who has no rights: both are refused, in private.');
  say('');
  say('Then /ha help lists what else there is:');
  say('  /ha replace-host atscale-stage   a form asks for the rest: stage-engine-03 is a spare machine, and the package is');
  say(`                                   atscale-${DEFAULT_VERSION}.rpm, version ${DEFAULT_VERSION}`);
  say('  /ha ha-setup alation-prod        two servers become a pair; tools that ask are answered with what the other one printed');
  say('  /ha failover-drill amp-prod      the master ends, and the standby must take over in time. A freeze window holds it until Sam');
  say('                                   overrides it; where nobody can approve, Dana may break the glass, and #stakeholders hears of it');
  say('  /ha shutdown atscale-stage       one approval for all steps, by two people: Sam and Robin');
  say('');
  say('A whole restart takes a good minute. Press Ctrl-C to stop; nothing is left running.');
  say(`Everything is kept in ${folder}; to begin anew: npm run demo -- --fresh`);
  say('');
  say("Keyturn's command line sees the demo from a second terminal, in this repository's folder:");
  say(`  export KEYTURN_DATA=${join(folder, 'data')} KEYTURN_CLUSTERS=${join(folder, 'clusters')}`);
  say(`  export SLACK_API_URL=${new URL('/api/', pageUrl).href} SLACK_BOT_TOKEN=${token}`);
  say('  npx keyturn history; npx keyturn verify --slack');
  say(
    `Settings for the bot (.env.example), such as KEYTURN_STATUS=9464 for metrics, stand in ${join(folder, '.env')}; it reads them at its next start.`,
  );
  say('');
}

/** Where hosts were left other than in everyday operation, what that means. */
export function tellLeft(hosts: Readonly<Record<string, string>>): void {
  const others = Object.entries(hosts);
  if (others.length === 0) return;
  say(`The hosts are as they were left: ${others.map(([name, state]) => `${name} is ${state}`).join(', ')}.`);
  say('A run that is under way goes on. After one that was given up half-way, begin anew: npm run demo -- --fresh');
}
