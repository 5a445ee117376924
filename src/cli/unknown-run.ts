/** What is said of an id that no run bears, by the commands that take several. Pure. */
export function unknownRun(run: string): string {
  return `${run}  nobody knows this run. Check: its id, and that REDIS_URL is the Redis it was made on.`;
}
