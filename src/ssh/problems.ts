/** The sentences for everything that keeps a command from beginning. Consumers never see an error of ssh2. */
import type { KeyturnError } from '../errors.ts';
import { maskText } from '../record/mask.ts';
import type { HostProblem } from './outcome.ts';
import { placeOf, type Target } from './target.ts';

export function unreachable(target: Target, cause: string): HostProblem {
  const through = target.jump ? ` through ${placeOf(target.jump)}` : '';
  return {
    code: 'UNREACHABLE',
    message: `${placeOf(target)} cannot be reached${through}: ${cause}.`,
    check: 'that the host is up, that its address and port are right in the cluster file, and that a firewall lets this machine through',
  };
}

function trust(target: Target): string {
  return `keyturn trust ${target.cluster ?? '<cluster>'}`;
}

export function hostKeyUnknown(target: Target, fingerprint: string): HostProblem {
  return {
    code: 'HOST_KEY_UNKNOWN',
    message: `${placeOf(target)} shows the host key ${fingerprint}, which is not in known_hosts.`,
    check: `compare it with \`ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\` on the host itself, then run \`${trust(target)}\``,
  };
}

export function hostKeyChanged(target: Target, fingerprint: string, known: readonly string[]): HostProblem {
  return {
    code: 'HOST_KEY_CHANGED',
    message: `${placeOf(target)} shows the host key ${fingerprint}, but known_hosts has ${known.join(' and ')} for it.`,
    check: `whether the host was rebuilt or someone stands in between; if it was rebuilt or exchanged, run \`${trust(target)} --replace ${target.host}\`, which asks you to compare`,
  };
}

export function knownHostsUnreadable({ message, check }: KeyturnError): HostProblem {
  return { code: 'KNOWN_HOSTS_UNREADABLE', message, check };
}

export function hostKeyRevoked(target: Target, fingerprint: string): HostProblem {
  return {
    code: 'HOST_KEY_CHANGED',
    message: `${placeOf(target)} shows the host key ${fingerprint}, which known_hosts marks as @revoked.`,
    check: `who revoked the key and why; give the host a new key, then run \`${trust(target)}\``,
  };
}

export function authRefused(target: Target): HostProblem {
  const { identity } = target;
  const shown = identity.kind === 'key' ? `the key ${identity.path}` : `the keys of the agent at ${identity.socket}`;
  return {
    code: 'AUTH_REFUSED',
    message: `${placeOf(target)} did not let ${target.user} in with ${shown}.`,
    check: `that the public key stands in ~${target.user}/.ssh/authorized_keys on the host, and the login of this cluster (user certificates are not supported)`,
  };
}

export function identityUnreadable(target: Target, cause: string): HostProblem {
  const { identity } = target;
  const what = identity.kind === 'key' ? `The private key ${identity.path}` : `The agent at ${identity.socket}`;
  return {
    code: 'IDENTITY_UNREADABLE',
    message: `${what}, for ${target.user} on ${placeOf(target)}, cannot be used: ${cause}.`,
    check:
      identity.kind === 'key'
        ? 'that the file is there, readable, a private key, and that its passphrase is given'
        : 'SSH_AUTH_SOCK, and `ssh-add -l`',
  };
}

export function noIdentity(target: Target): HostProblem {
  return {
    code: 'IDENTITY_UNREADABLE',
    message: `There is no key for ${target.user} on ${placeOf(target)}: the cluster file names none, KEYTURN_SSH_KEY is not set, and neither is SSH_AUTH_SOCK.`,
    check: '`key` in the cluster file, or KEYTURN_SSH_KEY, or start an agent (`ssh-agent`, `ssh-add`) and set SSH_AUTH_SOCK',
  };
}

export function noCommonAlgorithm(target: Target, cause: string): HostProblem {
  return {
    code: 'NO_COMMON_ALGORITHM',
    message: `${placeOf(target)} and Keyturn have no algorithm in common: ${cause}.`,
    check:
      'KexAlgorithms, HostKeyAlgorithms, Ciphers and MACs in its sshd_config (curve25519-sha256 must be allowed; post-quantum only is not supported)',
  };
}

export function tooManySessions(target: Target): HostProblem {
  return {
    code: 'TOO_MANY_SESSIONS',
    message: `${placeOf(target)} refused one more session on its connection, again and again.`,
    check: 'MaxSessions in its sshd_config (Keyturn needs up to 10, the default)',
  };
}

/** `said`: what the host printed instead, a profile or a forced command perhaps; `secrets` that it may have printed are masked. */
export function noShell(target: Target, said: string, secrets: readonly string[] = []): HostProblem {
  const words = said.trim() === '' ? 'It said nothing.' : `It said: ${maskText(said.trim(), secrets).slice(0, 300)}`;
  const how = target.become === undefined ? '/bin/sh' : `sudo -n -u ${target.become} and /bin/sh`;
  return {
    code: 'NO_SHELL',
    message: `${placeOf(target)} did not start ${how} for ${target.user}. ${words}`,
    check:
      target.become === undefined
        ? `that ${target.user} has a login shell and no forced command there`
        : `that sudoers on the host lets ${target.user} run /bin/sh as ${target.become} without a password`,
  };
}

export function storeUnwritable(target: Target, folder: string): HostProblem {
  return {
    code: 'STORE_UNWRITABLE',
    message: `${placeOf(target)} has no room or no right for ${folder}, where each attempt is marked before it starts.`,
    check: 'free space (`df`), free inodes (`df -i`), and that the home folder is writable and not mounted read-only',
  };
}

export function storeChanged(target: Target): HostProblem {
  return {
    code: 'STORE_CHANGED',
    message: `${placeOf(target)} is not as this run knew it: the folder ~/.keyturn was emptied, or the host was rebuilt or exchanged.`,
    check: 'what happened to the host; nothing was started there under this attempt',
  };
}

export function fenced(target: Target): HostProblem {
  return {
    code: 'FENCED',
    message: `On ${placeOf(target)} this attempt was forbidden to start before it began, so it never will.`,
    check: 'whether the step is to be tried again: a new attempt may start',
  };
}

export function notInteractive(target: Target): HostProblem {
  return {
    code: 'NOT_INTERACTIVE',
    message: `On ${placeOf(target)} this attempt was started with an empty input, so nothing can be answered.`,
    check: 'that the step is declared as one that asks',
  };
}

export function closing(target: Target): HostProblem {
  return {
    code: 'CLOSED',
    message: `The connection to ${placeOf(target)} is being closed.`,
    check: 'whether this process is shutting down',
  };
}
