/** Lines that a person types, or that come from a file or another program where there is no terminal. */
import { createInterface } from 'node:readline/promises';

/** Asks and resolves with the next line; undefined at the end of the input. */
export function lineReader(input: NodeJS.ReadStream, output: NodeJS.WriteStream): (question: string) => Promise<string | undefined> {
  return input.isTTY ? (question) => fromTerminal(input, output, question) : fromStream(input, output);
}

/** An interface for each question: one that stays open would keep the process alive. */
async function fromTerminal(input: NodeJS.ReadStream, output: NodeJS.WriteStream, question: string): Promise<string | undefined> {
  const lines = createInterface({ input, output });
  const closed = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}

/** One interface for all of them: what came with the first line would be lost with it. */
function fromStream(input: NodeJS.ReadStream, output: NodeJS.WriteStream): (question: string) => Promise<string | undefined> {
  let lines: AsyncIterator<string> | undefined;
  return async (question) => {
    output.write(`${question}\n`);
    lines ??= createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
    input.resume();
    const next = await lines.next();
    // A stream that is not read keeps no process alive.
    input.pause();
    return next.done === true ? undefined : next.value;
  };
}
