/** Hosts that are not as this machine is. */
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../src/ssh/target.ts';
import { createLayer, type Layer, type Sshd, startSshd } from './support.ts';

/** A host with a layer to it. */
export type Host = { readonly sshd: Sshd; readonly layer: Layer; readonly target: Target; close(): Promise<void> };

/** A host where `become` runs this text of sh, as a stand-in for sudo. */
export async function standInForSudo(text: string): Promise<Host> {
  const bin = mkdtempSync(join(tmpdir(), 'keyturn-bin-'));
  writeFileSync(join(bin, 'sudo'), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const sshd = await startSshd([], ['ed25519'], `${bin}:/usr/bin:/bin:/usr/sbin:/sbin`);
  const layer = createLayer(sshd);
  return { sshd, layer, target: { ...sshd.target, become: 'any' }, close: () => closeHost(sshd, layer, bin) };
}

/** A host whose PATH holds these programs of this machine only. */
export async function onlyPrograms(names: readonly string[]): Promise<Host> {
  const bin = mkdtempSync(join(tmpdir(), 'keyturn-bin-'));
  for (const name of names) {
    const found = ['/usr/bin', '/bin'].map((folder) => join(folder, name)).find(existsSync);
    if (found !== undefined) symlinkSync(found, join(bin, name));
  }
  const sshd = await startSshd([], ['ed25519'], bin);
  const layer = createLayer(sshd);
  return { sshd, layer, target: sshd.target, close: () => closeHost(sshd, layer, bin) };
}

async function closeHost(sshd: Sshd, layer: Layer, bin: string): Promise<void> {
  await layer.close();
  await sshd.stop();
  rmSync(bin, { recursive: true });
}
