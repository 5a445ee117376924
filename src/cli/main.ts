#!/usr/bin/env node
/** `keyturn`: hands the real world to the commands. Owns the process: its streams, its questions, its exit code. */
import { existsSync, realpathSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { explain } from '../errors.ts';
import { buildProgram } from './program.ts';
import { type CliWorld, EXIT } from './world.ts';

/** Runs one command line, without the program's name, and resolves with the exit code. Never rejects. */
export async function runCli(args: readonly string[], world: CliWorld): Promise<number> {
  let code: number = EXIT.ok;
  try {
    await buildProgram(world, (exit) => {
      code = exit;
    }).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has printed its own sentence; help and version end here too, with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    world.complain(explain(error));
    return EXIT.usage;
  }
}

/** The process as a command sees it. */
export function processWorld(): CliWorld {
  return {
    env: process.env,
    say: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
    async ask(question) {
      if (!process.stdin.isTTY) return false;
      const lines = createInterface({ input: process.stdin, output: process.stdout });
      try {
        return /^y(es)?$/i.test((await lines.question(question)).trim());
      } finally {
        lines.close();
      }
    },
  };
}

function isProgram(): boolean {
  const started = process.argv[1];
  return started !== undefined && realpathSync(started) === fileURLToPath(import.meta.url);
}

/** As `npm start` does; what the environment says already, wins. */
function readDotEnv(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

if (isProgram()) {
  readDotEnv();
  process.exitCode = await runCli(process.argv.slice(2), processWorld());
}
