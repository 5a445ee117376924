import { z } from 'zod';
import { withoutLogin, withoutSecret } from './hidden.ts';

const servicesSchema = z.array(z.looseObject({ name: z.string(), state: z.string() }));
const rowsSchema = z.array(z.looseObject({ member: z.string(), role: z.string(), state: z.string() }));
const LONGEST = 300;

/** What a reading shows, in one line for people: the same words in card, thread and record. */
export function seenIn(values: Readonly<Record<string, unknown>>): string {
  return cut(services(values) ?? rows(values) ?? json(values) ?? firstLine(values));
}

function services(values: Readonly<Record<string, unknown>>): string | undefined {
  const parsed = servicesSchema.safeParse(values.services);
  if (!parsed.success) return undefined;
  if (values.supervisor === 'down') return 'the supervisor is down: no service runs';
  const byState = new Map<string, string[]>();
  for (const service of parsed.data) byState.set(service.state, [...(byState.get(service.state) ?? []), service.name]);
  return [...byState].map(([state, names]) => `${names.length} ${state} (${names.join(', ')})`).join('; ');
}

function rows(values: Readonly<Record<string, unknown>>): string | undefined {
  const parsed = rowsSchema.safeParse(values.rows);
  if (!parsed.success) return undefined;
  return parsed.data.map((row) => `${row.member} ${row.role} ${row.state}`).join('; ');
}

/** What a server answered is one value, however it was laid out. */
function json(values: Readonly<Record<string, unknown>>): string | undefined {
  return values.json === undefined ? undefined : JSON.stringify(values.json);
}

function firstLine(values: Readonly<Record<string, unknown>>): string {
  const stdout = typeof values.stdout === 'string' ? values.stdout : '';
  const line = stdout.split('\n').find((candidate) => candidate.trim() !== '');
  if (line === undefined) return 'nothing was printed';
  // A look at a configuration file prints whatever stands first in it; a sentence stays as it is.
  return withoutLogin(/^\s*(?:export\s+)?\S+\s*[=:]/.test(line) ? withoutSecret(line) : line);
}

function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
