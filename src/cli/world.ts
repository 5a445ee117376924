/** What a command of the CLI may touch: handed in, so that a test hands in its own. */
import type { Planned } from '../slack/ports.ts';

export type CliWorld = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for a person, on standard output. */
  say(line: string): void;
  /** One line about a problem, on standard error. */
  complain(line: string): void;
  /** A piece of a file, on standard output, exactly as it is; resolves when more may follow. */
  print(piece: string): Promise<void>;
  /** A question that only `y` or `yes` affirms; false where nobody can be asked. */
  ask(question: string): Promise<boolean>;
  /** A line that somebody types, or that comes by standard input; undefined where there is none. */
  type(question: string): Promise<string | undefined>;
  /** Reads the cluster and plans; absent where the engine is not at hand, and then there is no `keyturn plan`. */
  readonly plan?: (procedure: string, cluster: string, params: Readonly<Record<string, string>>) => Promise<Planned>;
};

/** Exit codes, the same for every command. */
export const EXIT = { ok: 0, found: 1, usage: 2 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];
