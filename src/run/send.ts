/** From an item as it was approved to what the host is sent: secrets in their places, and the product's own shell around the script. Pure. */
import { secretsIn, unmarked } from '../procedure/secret-mark.ts';
import { quote } from '../quote.ts';
import type { Item } from './events.ts';

export type Sent = {
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** Values that must not appear in what comes back. */
  readonly secrets: readonly string[];
};

export type Sending =
  | { readonly kind: 'sent'; readonly sent: Sent }
  /** `secrets` as in `Sent`, of those that are there: an attempt that has begun is followed all the same. */
  | { readonly kind: 'blocked'; readonly why: string; readonly secrets: readonly string[] };

/** A secret as the worker found it, or why it did not. */
export type Secret = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'missing'; readonly why: string };

export type SecretOf = (name: string) => Secret;

/** `item` has its marks still; every secret that the procedure declares is masked, whether this step uses it or not. */
export function sendable(item: Pick<Item, 'script' | 'env' | 'shell' | 'answers'>, secretOf: SecretOf, names: readonly string[]): Sending {
  const found = new Map<string, string>();
  const missing: string[] = [];
  for (const name of new Set([...names, ...Object.values(item.env).flatMap(secretsIn)])) {
    const secret = secretOf(name);
    if (secret.kind === 'missing') missing.push(secret.why);
    else found.set(name, secret.value);
  }
  const [why] = missing;
  if (why !== undefined) return { kind: 'blocked', why, secrets: [...found.values()] };
  const env = Object.fromEntries(
    Object.entries(item.env).map(([name, value]) => [name, unmarked(value, (secret) => found.get(secret) ?? '')]),
  );
  const secrets = [...found.values()];
  if (item.shell === undefined) return { kind: 'sent', sent: { script: item.script, env, secrets } };
  const feed = fed(item.script, env);
  const script = item.answers === undefined ? fedThrough(item.shell.run) : fedAndAsked(item.shell.run);
  return { kind: 'sent', sent: { script, env: { ...namedIn(item.shell.run, env), KEYTURN_FEED: feed }, secrets } };
}

/** The command that opens the shell gets the values that it names: it stands outside of the shell, where the assignments are not. */
function namedIn(shell: string, env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = new Set([...shell.matchAll(/\$\{?([A-Z_][A-Z0-9_]*)/g)].map((match) => match[1]));
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.has(name)));
}

/**
 * What the product's shell reads: it may have cleared its environment, so the values come as assignments; then the script as one command, so that
 * it and not the shell reads what follows on the same input.
 */
function fed(script: string, env: Readonly<Record<string, string>>): string {
  const values = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [...values, `/bin/sh -c ${quote(script)}; exit $?`].join('\n');
}

function fedThrough(shell: string): string {
  return `printf '%s\\n' "$KEYTURN_FEED" | ( unset KEYTURN_FEED; ${shell} )\n`;
}

/** The answers follow the script into the shell; a pipe with a name, since a plain pipeline would wait for the end of the answers too. */
function fedAndAsked(shell: string): string {
  return `pipe=$(mktemp -d) && mkfifo "$pipe/in" || exit 1
exec 3<&0
{ printf '%s\\n' "$KEYTURN_FEED"; exec cat <&3; } >"$pipe/in" & feeder=$!
( unset KEYTURN_FEED; exec 3<&-; ${shell} ) <"$pipe/in"
status=$?
kill "$feeder" 2>/dev/null
rm -rf "$pipe"
exit $status
`;
}
