/** What a journal says of the outputs of its attempts, and those that it holds whole held against their own hash. Pure. */
import { createHash } from 'node:crypto';
import type { EventOf, Output, Recorded } from '../run/events.ts';
import type { Fault } from './fault.ts';

/** An output with the event that tells of it. */
export type Told = { readonly seq: number; readonly what: string; readonly output: Output };

export function toldOutputs(recorded: readonly Recorded[]): readonly Told[] {
  return recorded.flatMap(({ seq, event }) =>
    event.kind === 'attemptEnded' && event.output !== undefined ? [{ seq, what: nameOf(event), output: event.output }] : [],
  );
}

function nameOf({ step, host, attempt }: EventOf<'attemptEnded'>): string {
  return `The output of ${step} on ${host} (attempt ${attempt})`;
}

/** Of those that the journal holds whole. */
export function headFaults(told: readonly Told[]): readonly Fault[] {
  return told.flatMap(({ seq, what, output: { path, head, sha256, bytes } }): readonly Fault[] => {
    if (path !== undefined) return [];
    const whole = Buffer.from(head);
    if (whole.length === bytes && createHash('sha256').update(whole).digest('hex') === sha256) return [];
    return [{ seq, kind: 'outputEdited', sentence: `${what} is not what event ${seq} says of it: its SHA-256 or its length is another.` }];
  });
}
