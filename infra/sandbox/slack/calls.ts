/** Every Web API call that came in, in order, and hooks between its effect and its answer. */
import type { JsonObject } from './model.ts';

export interface Call {
  readonly number: number;
  readonly method: string;
  /** As sent, with blocks and the like parsed, without the token. */
  readonly args: JsonObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What Slack did; on a dropped reply the bot never saw it. */
  readonly answer: JsonObject;
  readonly status: number;
}

/** Runs after the call took effect and before its answer leaves; the answer waits for it. */
export type CallHook = (call: Call) => void | Promise<void>;

export class Calls {
  readonly log: Call[] = [];
  private readonly hooks = new Map<string, Set<CallHook>>();

  /** Adds a hook; the returned function removes it. */
  on(method: string, hook: CallHook): () => void {
    const hooks = this.hooks.get(method) ?? new Set();
    hooks.add(hook);
    this.hooks.set(method, hooks);
    return () => hooks.delete(hook);
  }

  async record(entry: Omit<Call, 'number'>): Promise<void> {
    const call: Call = { number: this.log.length + 1, ...entry };
    this.log.push(call);
    for (const hook of this.hooks.get(entry.method) ?? []) await hook(call);
  }
}
