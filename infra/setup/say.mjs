/** One short line at a time, so that whoever waits knows for what. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Ends with a plain sentence and what to do; never a stack trace. */
export function giveUp(what, todo) {
  process.stderr.write(`\n${what}\n  To do: ${todo}\n`);
  process.exit(1);
}
