/** What the list of runs holds. A kind once released is never renamed or given another meaning. Pure. */
import { z } from 'zod';

/** What the hashes of the list name in place of a run. */
export const RUNS_NAME = 'runs';

export const runsEventSchema = z.discriminatedUnion('kind', [
  /** `first`: hash of the journal's first event. `requester`: id of a Slack user. */
  z.strictObject({
    kind: z.literal('runBegan'),
    run: z.string(),
    procedure: z.string(),
    cluster: z.string(),
    requester: z.string(),
    first: z.string(),
  }),
  /** `seq` and `hash` of the journal's last event. */
  z.strictObject({ kind: z.literal('runEnded'), run: z.string(), outcome: z.string(), seq: z.number().int(), hash: z.string() }),
  /** `file`: relative to the folder of the record; `sha256` of the file as it lies there. The last one of a run counts. */
  z.strictObject({ kind: z.literal('runArchived'), run: z.string(), file: z.string(), sha256: z.string() }),
  /** Said before the files are deleted. */
  z.strictObject({ kind: z.literal('runExpunged'), run: z.string(), file: z.string(), why: z.string() }),
]);

export type RunsEvent = z.infer<typeof runsEventSchema>;

/** Names what happened: a second noting of the same is the same entry. */
export function idOf(event: RunsEvent): string {
  switch (event.kind) {
    case 'runBegan':
      return `began:${event.run}`;
    case 'runEnded':
      return `ended:${event.run}`;
    case 'runArchived':
      return `archived:${event.run}:${event.sha256.slice(0, 16)}`;
    case 'runExpunged':
      return `expunged:${event.run}`;
  }
}
