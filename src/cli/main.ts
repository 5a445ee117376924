#!/usr/bin/env node
/** `keyturn`: hands the real world to the commands. Owns the process: its streams, its questions, its exit code. */
import { realpathSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { readDotEnv } from '../dot-env.ts';
import { explain } from '../errors.ts';
import { visible } from '../slack/views/visible.ts';
import { planHere } from './plan-here.ts';
import { buildProgram } from './program.ts';
import { lineReader } from './typed.ts';
import { type CliWorld, EXIT } from './world.ts';

/** Runs one command line, without the program's name, and resolves with the exit code; `prepare` comes first. Never rejects. */
export async function runCli(args: readonly string[], world: CliWorld, prepare: () => void = () => undefined): Promise<number> {
  let code: number = EXIT.ok;
  try {
    prepare();
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

/** The process as a command sees it. What hosts and files say reaches the terminal without its control codes. */
export function processWorld(): CliWorld {
  return {
    env: process.env,
    plan: (procedure, cluster, params) => planHere(process.env, { procedure, cluster, params }),
    say: (line) => void process.stdout.write(`${visible(line)}\n`),
    complain: (line) => void process.stderr.write(`${visible(line)}\n`),
    print: (piece) => new Promise((done, failed) => process.stdout.write(piece, (error) => (error ? failed(error) : done()))),
    type: lineReader(process.stdin, process.stdout),
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

if (isProgram()) process.exitCode = await runCli(process.argv.slice(2), processWorld(), readDotEnv);
