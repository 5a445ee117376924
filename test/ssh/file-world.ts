/** What the tests about files share. */
import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { type Host, standInForSudo } from './hosts.ts';
import type { Sshd } from './support.ts';

export function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Names that go wrong wherever somebody forgets to quote them. */
export const names = [
  `it's "quoted" $(touch hacked) \`id\` $HOME`,
  '-rf',
  ' blanks at both ends ',
  'back\\slash \\n',
  'żółw 亀 \u202e',
  '* ? [a-z]',
  'a: Permission denied',
];

/** A host where `become` leads to a user without rights; where the tests have none themselves, that is themselves. */
export async function anotherUser(sshd: Sshd): Promise<Host & { readonly uid: number }> {
  const root = process.getuid?.() === 0;
  const host = await standInForSudo(root ? 'exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -s' : 'exec /bin/sh -s');
  for (const folder of [sshd.folder, sshd.home]) chmodSync(folder, 0o755);
  return { ...host, uid: root ? 65534 : (process.getuid?.() ?? 0) };
}
