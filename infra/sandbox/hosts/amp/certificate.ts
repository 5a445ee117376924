/** The certificate that all servers of one sandbox show. Self-signed and made on the spot: no private key lies in a repository. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { KeyturnError } from '../../../../src/errors.ts';

const DAYS = '3650';

/** Makes `key.pem` and `cert.pem` in the folder unless they are there. Throws a KeyturnError where openssl is missing or fails. */
export function ensureCertificate(folder: string): void {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  if (existsSync(cert)) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const made = spawnSync('openssl', ['req', '-x509', ...curve, '-days', DAYS, ...names, '-keyout', key, '-out', `${cert}.new`]);
  if (made.status !== 0) throw noCertificate(made.error?.message ?? made.stderr.toString().trim());
  renameSync(`${cert}.new`, cert);
}

function noCertificate(reason: string): KeyturnError {
  const message = `The certificate of the sandbox AMP servers could not be made: ${reason}`;
  return new KeyturnError('SANDBOX_NO_CERTIFICATE', message, 'that openssl 1.1.1 or later is installed and in PATH');
}
