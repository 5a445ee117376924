/** Slack's ids in cluster files: names can be changed by their owners, ids cannot. */
import { z } from 'zod';

export const personId = z
  .string()
  .regex(/^[UWS][A-Z0-9_]{1,40}$/, 'must be the id of a Slack user (U… or W…) or user group (S…), not a name');
export const channelId = z.string().regex(/^[CG][A-Z0-9_]{1,40}$/, 'must be the id of a Slack channel (C… or G…), not a name');
