/** The bot's log lines, for somebody who reads along. */
import { z } from 'zod';

const WARN = 40;
const lineSchema = z.object({ level: z.number(), msg: z.string().optional(), reason: z.string().optional(), error: z.string().optional() });

/** `ready`, what a line says about trouble, or undefined where it is of no interest here. Lines that are no log are shown as they are. */
export function heard(line: string): string | undefined {
  const parsed = lineSchema.safeParse(json(line));
  if (!parsed.success) return line;
  const { level, msg = '', reason, error } = parsed.data;
  if (msg === 'Keyturn is ready') return 'ready';
  return level >= WARN ? [msg, reason, error].filter((part) => part !== undefined && part !== '').join(': ') : undefined;
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
