import { createRequire } from 'node:module';

/** Whether ssh2 found its native addon. It falls back to slower JavaScript without a word, so the log says it at start. */
export function nativeCryptoAvailable(): boolean {
  try {
    createRequire(import.meta.url)('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
    return true;
  } catch {
    return false;
  }
}
