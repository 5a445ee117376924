/** Who may do what, as the engine sees it: in cluster files, and stricter in procedures. */
import { z } from 'zod';

/** Ids of Slack users (`U…`, `W…`) and user groups (`S…`). Empty means nobody. */
export const peopleSchema = z.strictObject({ users: z.array(z.string()), groups: z.array(z.string()) });

/** So many different people of these. Without `people`, which only procedures leave out: of all whom the cluster file names as approvers. */
export const quorumSchema = z.strictObject({ people: peopleSchema.optional(), count: z.number().int().min(1) });

/** Most people that one quorum may want. */
export const MOST_WANTED = 20;

/** Any of these alternatives will do; each wants all of its quorums, and nobody counts for two of them. */
export const ruleSchema = z.array(z.array(quorumSchema).min(1)).min(1);

/** What is absent here is as the cluster has it; what is given must hold as well: it makes stricter, never looser. */
export const rightsSchema = z.strictObject({
  start: peopleSchema.optional(),
  approve: ruleSchema.optional(),
  settle: peopleSchema.optional(),
  cancel: peopleSchema.optional(),
  read: peopleSchema.optional(),
});

export type People = z.infer<typeof peopleSchema>;
export const NOBODY: People = { users: [], groups: [] };
export type Quorum = z.infer<typeof quorumSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type Rights = z.infer<typeof rightsSchema>;
