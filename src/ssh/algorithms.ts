import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

/**
 * What we offer, best first. ssh2's own lists still hold ssh-rsa (SHA-1) and hmac-sha1, so they are never used.
 * aes128-gcm is the fastest with OpenSSH and ssh2's native addon.
 */
const cipher: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const hmac: MacAlgorithm[] = ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'];
const kex: KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group-exchange-sha256',
];
const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** The key type that known_hosts writes for a signature algorithm: the two RSA signatures belong to one key type. */
function keyTypeOf(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm;
}

/** All key types a host may have, for asking for each in turn. */
export const hostKeyTypes: readonly string[] = [...new Set(hostKeys.map(keyTypeOf))];

/**
 * The algorithms for one host. The client's order decides which of its keys the host shows, so the types that known_hosts holds for it
 * come first; otherwise a host known by its RSA key would show another one and look like an attack.
 */
export function algorithmsFor(knownTypes: readonly string[]): Algorithms {
  const known = hostKeys.filter((algorithm) => knownTypes.includes(keyTypeOf(algorithm)));
  const others = hostKeys.filter((algorithm) => !known.includes(algorithm));
  return { cipher, hmac, kex, serverHostKey: [...known, ...others], compress: ['none'] };
}

/** Algorithms that make the host show its key of this one type, or fail. */
export function algorithmsForType(type: string): Algorithms {
  return { ...algorithmsFor([]), serverHostKey: hostKeys.filter((algorithm) => keyTypeOf(algorithm) === type) };
}
