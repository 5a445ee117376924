import { Transform } from 'node:stream';

/** What stands where a secret stood. */
export const MASKED = '••••••';
const mark = Buffer.from(MASKED);

/** The forms in which a secret is usually printed: itself, its lines, JSON-escaped, URL-encoded, base64 with and without padding, and as a form field. */
export function secretForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // A key or certificate is often printed line by line, with other line ends than its own.
  const lines = secret.includes('\n') ? secret.split(/\r?\n/).filter((line) => line.length >= 8) : [];
  const url = encodeURIComponent(secret);
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    url.replaceAll('%20', '+'),
    url.toLowerCase(),
    ...lines,
    ...base64Forms(bytes),
  ];
  return [...new Set(forms)].filter((form) => form.length > 0);
}

/** Base64 of the secret at each of the three positions it can take within a longer encoded text; only characters that depend on it alone. */
function base64Forms(bytes: Buffer): readonly string[] {
  const whole = [bytes.toString('base64'), bytes.toString('base64url')];
  if (bytes.length < 6) return whole;
  const inside = [0, 1, 2].flatMap((lead) => {
    const text = Buffer.concat([Buffer.alloc(lead), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const from = Math.ceil((lead * 8) / 6);
    const to = Math.floor(((lead + bytes.length) * 8) / 6);
    const core = text.slice(from, to);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...whole, ...inside];
}

/** Every form of every secret as bytes, the longest first, so that a secret that holds another is masked as a whole. */
function needles(secrets: readonly string[]): readonly Buffer[] {
  const forms = new Set(secrets.filter((secret) => secret.length > 0).flatMap(secretForms));
  return [...forms].map((form) => Buffer.from(form)).sort((a, b) => b.length - a.length);
}

/** One expression over bytes read as latin1: where several needles begin at one place, the longest is named first and so taken. */
function expressionOf(all: readonly Buffer[]): RegExp {
  const texts = all.map((needle) => needle.toString('latin1').replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(texts.join('|'), 'g');
}

/** The first place at or after `from` where a needle may have begun whose end has not come yet; the length of the data if there is none. */
function undecidedFrom(data: Buffer, from: number, all: readonly Buffer[], first: ReadonlySet<number>): number {
  const longest = all[0]?.length ?? 0;
  for (let at = Math.max(from, data.length - longest + 1); at < data.length; at += 1) {
    if (!first.has(data[at] ?? -1)) continue;
    const rest = data.subarray(at);
    if (all.some((needle) => needle.length > rest.length && needle.subarray(0, rest.length).equals(rest))) return at;
  }
  return data.length;
}

/**
 * Masks a text piece by piece. `push` returns what can be shown for certain; `end` the rest. A secret split across any number of
 * pieces is masked as if it had come in one; at most one secret's length minus one byte is held back.
 */
export type Masker = { push(chunk: Buffer): Buffer; end(): Buffer };

/** A masker for these secret values and their usual encodings. Without secrets the bytes pass untouched. */
export function createMasker(secrets: readonly string[]): Masker {
  const all = needles(secrets);
  if (all.length === 0) return { push: (chunk) => chunk, end: () => Buffer.alloc(0) };
  const expression = expressionOf(all);
  const first = new Set(all.map((needle) => needle[0] ?? -1));
  let held: Buffer = Buffer.alloc(0);
  const settle = (data: Buffer, last: boolean): Buffer => {
    const limit = (from: number): number => (last ? data.length : undecidedFrom(data, from, all, first));
    const text = data.toString('latin1');
    const out: Buffer[] = [];
    let from = 0;
    let until = limit(0);
    // A hit at or behind `until` could still grow into a longer secret: it waits with everything after it.
    expression.lastIndex = 0;
    for (let hit = expression.exec(text); hit !== null && hit.index < until; hit = expression.exec(text)) {
      out.push(data.subarray(from, hit.index), mark);
      from = expression.lastIndex;
      if (from > until) until = limit(from);
    }
    held = until === data.length ? Buffer.alloc(0) : Buffer.from(data.subarray(until));
    const rest = data.subarray(from, until);
    return out.length === 0 ? rest : Buffer.concat([...out, rest]);
  };
  return {
    push: (chunk) => settle(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
    end: () => settle(held, true),
  };
}

/** The masker as a stream. */
export function createMask(secrets: readonly string[]): Transform {
  const masker = createMasker(secrets);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      done(null, masker.push(chunk));
    },
    flush(done) {
      done(null, masker.end());
    },
  });
}

/** A whole text at once: for error messages and everything else that is not a stream. */
export function maskText(text: string, secrets: readonly string[]): string {
  const masker = createMasker(secrets);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.end()]).toString();
}
