/** Troubles on order: a test names a method, what goes wrong and how often. First ordered, first used. */
import type { JsonObject } from './model.ts';

interface Aim {
  /** How many calls it hits; 1 unless said otherwise. */
  readonly times?: number;
  /** Hits only calls with such arguments. */
  readonly when?: (args: JsonObject) => boolean;
}

export type Fault = Aim &
  (
    | { readonly error: string }
    | { readonly status: number }
    | { readonly rateLimited: number }
    /** The call takes effect, then the connection is cut before any answer. */
    | { readonly dropReplyAfterProcessing: true }
    /** The connection is cut before the call takes effect. */
    | { readonly dropBeforeProcessing: true }
    /** No effect and no answer, until the sandbox closes. */
    | { readonly hang: true }
    /** The call takes effect, and the answer never comes. */
    | { readonly hangAfterProcessing: true }
  );

export class Faults {
  private readonly pending = new Map<string, { readonly fault: Fault; left: number }[]>();

  add(method: string, fault: Fault): void {
    this.pending.set(method, [...(this.pending.get(method) ?? []), { fault, left: fault.times ?? 1 }]);
  }

  /** Takes back every fault of this method, or of all. */
  clear(method?: string): void {
    if (method === undefined) this.pending.clear();
    else this.pending.delete(method);
  }

  /** The fault for this call, used up by one. */
  take(method: string, args: JsonObject): Fault | undefined {
    const entry = (this.pending.get(method) ?? []).find((each) => each.left > 0 && (each.fault.when?.(args) ?? true));
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.fault;
  }
}
