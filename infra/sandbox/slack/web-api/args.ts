/** The arguments of one Web API call, in whichever of Slack's forms they came: query, urlencoded, JSON or multipart. */
import { type Json, type JsonObject, jsonObjectSchema } from '../model.ts';

/** Arguments that may be JSON text inside a form. */
const JSON_ARGUMENTS = ['blocks', 'attachments', 'metadata', 'view', 'files'];

export class Args {
  readonly raw: JsonObject;

  constructor(raw: JsonObject) {
    this.raw = raw;
  }

  has(name: string): boolean {
    return this.raw[name] !== undefined && this.raw[name] !== null && this.raw[name] !== '';
  }

  text(name: string): string {
    const value = this.raw[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  }

  flag(name: string): boolean {
    return ['true', '1'].includes(String(this.raw[name]));
  }

  /** An integer within 1 and `max`. */
  count(name: string, fallback: number, max: number): number {
    const value = Number.parseInt(this.text(name), 10);
    return Number.isNaN(value) ? fallback : Math.min(Math.max(value, 1), max);
  }

  json(name: string): Json | undefined {
    return this.raw[name];
  }
}

/** Reads a request into arguments; JSON text inside a form is parsed, and left as text where it is not JSON. */
export async function readArgs(query: URLSearchParams, contentType: string, body: Buffer): Promise<Args> {
  const sent = contentType.startsWith('application/json') ? fromJson(body.toString('utf8')) : await fromForm(contentType, body);
  const all: JsonObject = { ...Object.fromEntries(query), ...sent };
  const parsed = JSON_ARGUMENTS.filter((name) => typeof all[name] === 'string').map((name): [string, Json | undefined] => [
    name,
    parseText(all[name]),
  ]);
  return new Args({ ...all, ...Object.fromEntries(parsed) });
}

function fromJson(text: string): JsonObject {
  const parsed = jsonObjectSchema.safeParse(parseText(text));
  return parsed.success ? parsed.data : {};
}

async function fromForm(contentType: string, body: Buffer): Promise<JsonObject> {
  if (!contentType.startsWith('multipart/form-data')) return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
  const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
  return Object.fromEntries([...form].map(([name, value]) => [name, typeof value === 'string' ? value : value.name]));
}

function parseText(value: Json | undefined): Json | undefined {
  try {
    const parsed = jsonObjectSchema.safeParse({ value: JSON.parse(String(value)) });
    return parsed.success ? parsed.data.value : value;
  } catch {
    return value;
  }
}
