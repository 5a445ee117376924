/** What this process has heard of an attempt that asks: the text since its last prompt, and how far the output had come. */
import { StringDecoder } from 'node:string_decoder';
import type { Printed } from '../run/prompts.ts';

/** `next`: the place of the next byte after masking; `bytes`: how much of the tool's own output, before masking, was heard. */
export type Heard = {
  decoder: StringDecoder;
  text: string;
  base: number;
  next: number;
  bytes: number;
  /** Prompts of which the host has the answer, or has said that it is withheld. */
  readonly given: Set<number>;
  /** How often the host had more than was heard, by the prompt that was to be answered. */
  readonly behind: Map<number, number>;
  /** Where the output ended when the tool first fell silent at a prompt whose answer was not known: up to there it belongs to the prompt. */
  silentAt: { readonly number: number; readonly end: number } | undefined;
  held: boolean;
};

/** Prompts stand at the end; what is further back is not searched. Characters. */
const REMEMBERED = 16_384;

export function silence(): Heard {
  return { ...nothing(), given: new Set(), behind: new Map(), silentAt: undefined, held: false };
}

function nothing(): Pick<Heard, 'decoder' | 'text' | 'base' | 'next' | 'bytes'> {
  return { decoder: new StringDecoder('utf8'), text: '', base: 0, next: 0, bytes: 0 };
}

/** Takes in a chunk with the place of its first byte; a place of 0 begins anew. False: it is not what comes next. */
export function add(heard: Heard, chunk: Buffer, position: number, bytes: number): boolean {
  if (position === 0 && heard.next !== 0) Object.assign(heard, nothing());
  if (position !== heard.next) return false;
  heard.next += chunk.length;
  heard.bytes = bytes;
  heard.text += heard.decoder.write(chunk);
  const surplus = heard.text.length - REMEMBERED;
  if (surplus > 0) {
    heard.base += Buffer.byteLength(heard.text.slice(0, surplus));
    heard.text = heard.text.slice(surplus);
  }
  return true;
}

/** What was printed behind a place, and where that begins; nothing while the output is being read anew up to there. */
export function textAfter({ base, text, bytes }: Heard, end: number): Printed | undefined {
  if (end <= base) return { text, from: base, bytes };
  const skipped = Buffer.from(text).subarray(0, end - base);
  if (skipped.length < end - base) return undefined;
  return { text: text.slice(skipped.toString().length), from: end, bytes };
}
