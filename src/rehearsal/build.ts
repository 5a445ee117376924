/** The pieces of a test whose every check has passed. */
import { secondsOf } from '../procedure/duration.ts';
import type { Choice } from '../run/events.ts';
import type { AnswerSource, PrintedSource, TurnSource } from './answers-schema.ts';
import type { Answer, Deed, Expected, ExpectedEnd, FileMap, FileThere, Part, Place, Turn, What } from './model.ts';
import { placeOf } from './names.ts';
import type { CaseSource, DeedSource, DeedWord, EndingSource, FileSource, TestSource } from './source-schema.ts';

/** Text as printed, whether it stands in the test, under `outputs` or in a file. */
export type Texts = { printed(source: PrintedSource): string; output(name: string): string };

export function buildAnswer(source: AnswerSource, line: number, own: boolean, texts: Texts): Answer {
  const { on, step, after, with: values = {}, in_turn } = source;
  return {
    line,
    own,
    on: asList(on),
    steps: asList(step),
    what: whatOf(source),
    values,
    after,
    turns: in_turn === undefined ? [buildTurn(source, texts)] : in_turn.map((turn) => buildTurn(turn, texts)),
  };
}

function asList(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function whatOf({ run, http, method, copy, edit }: AnswerSource): What {
  if (run !== undefined) return { kind: 'run', part: run };
  if (http !== undefined) return { kind: 'http', part: http, method };
  if (copy !== undefined) return { kind: 'copy', part: copy };
  return edit === undefined ? { kind: 'anything' } : { kind: 'edit', part: edit };
}

function buildTurn(source: TurnSource, texts: Texts): Turn {
  const { prints, output, errors = '', status = 0, takes, asks = [], refuses, lost, breaks = false } = source;
  const forMs = source.for === undefined ? undefined : secondsOf(source.for) * 1000;
  return {
    prints: output !== undefined ? texts.output(output) : prints === undefined ? '' : texts.printed(prints),
    errors,
    status,
    takesMs: takes === undefined ? 0 : secondsOf(takes) * 1000,
    forMs,
    asks: asks.map(({ prints: prompt, told }) => ({ prints: prompt, told })),
    refuses,
    lost: lost === true ? 'the host has lost its record of it' : lost,
    breaks,
  };
}

export function buildFiles(source: TestSource['files']): FileMap {
  return mapped(source, buildFile);
}

function buildLeaves(source: TestSource['files']): Expected['leaves'] {
  return mapped(source, (file) => (typeof file === 'string' ? ({ kind: 'text', text: file } as const) : buildFile(file)));
}

function mapped<T>(source: TestSource['files'], make: (file: FileSource) => T): Readonly<Record<string, Readonly<Record<string, T>>>> {
  const perHost = Object.entries(source ?? {});
  return Object.fromEntries(
    perHost.map(([host, paths]) => [host, Object.fromEntries(Object.entries(paths).map(([path, file]) => [path, make(file)]))]),
  );
}

function buildFile(source: FileSource): FileThere {
  if (typeof source === 'string') return buildFile({ text: source });
  if (source.is !== undefined) return { kind: source.is };
  const { text = '', bytes = Buffer.byteLength(text), owner = 'root', group = 'root', mode = '0644', link = false } = source;
  return { kind: 'file', text, bytes, owner, group, mode: mode.padStart(4, '0'), link };
}

/** The later one's files over the earlier one's, path by path. */
export function joinedFiles(first: FileMap, second: FileMap): FileMap {
  const hosts = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(hosts.map((host) => [host, { ...first[host], ...second[host] }]));
}

export function buildPeople(source: TestSource['people'], own: boolean): readonly Part[] {
  return Object.entries(source ?? {}).map(([place, deeds]) => ({
    ...placeOf(place),
    own,
    deeds: (Array.isArray(deeds) ? deeds : [deeds]).map(buildDeed),
  }));
}

function buildDeed(source: DeedSource): Deed {
  if (typeof source === 'string') return deedOf(source, '');
  if (source.answer !== undefined) return { kind: 'answer', text: source.answer };
  const { answer: _none, ...deeds } = source;
  const [word, reason] = Object.entries(deeds).find(([, text]) => text !== undefined) ?? [];
  return deedOf(isWord(word) ? word : 'ignore', reason ?? '');
}

function isWord(word: string | undefined): word is DeedWord {
  return word !== undefined && Object.hasOwn(kinds, word);
}

const kinds: Readonly<Record<DeedWord, 'approve' | 'checkAgain' | 'reject' | 'ignore' | 'done' | 'no' | 'cancel' | Choice>> = {
  approve: 'approve',
  'check-again': 'checkAgain',
  reject: 'reject',
  ignore: 'ignore',
  done: 'done',
  yes: 'done',
  no: 'no',
  cancel: 'cancel',
  retry: 'retry',
  skip: 'skip',
  abort: 'abort',
  'ask-again': 'askAgain',
  'look-again': 'lookAgain',
  'settle-done': 'settleDone',
  'settle-failed': 'settleFailed',
};

function deedOf(word: DeedWord, reason: string): Deed {
  const kind = kinds[word];
  switch (kind) {
    case 'approve':
    case 'checkAgain':
    case 'ignore':
      return { kind };
    case 'reject':
    case 'done':
    case 'no':
    case 'cancel':
      return { kind, reason };
    default:
      return { kind: 'settle', choice: kind, reason };
  }
}

/** A choice by the word that tests have for it; undefined for other words. */
export function choiceOf(word: string): Choice | undefined {
  const deed = isWord(word) ? deedOf(word, '') : undefined;
  return deed?.kind === 'settle' ? deed.choice : undefined;
}

export const choiceWords: readonly string[] = Object.keys(kinds).filter((word) => choiceOf(word) !== undefined);

/** The word that tests have for a choice. */
export function wordOf(choice: Choice): string {
  return choiceWords.find((word) => choiceOf(word) === choice) ?? choice;
}

export function buildExpected(source: CaseSource): Expected {
  const { does, skipped, asks, plan } = source;
  return {
    end: buildEnd(source.expect),
    does: doesOf(does),
    skipped: skipped === undefined ? undefined : skippedOf(skipped),
    asks: asks?.map(askOf),
    says: source.says ?? [],
    neverSays: source.never_says ?? [],
    roles: source.roles ?? {},
    captured: source.captured ?? {},
    leaves: buildLeaves(source.leaves),
    plan: plan === undefined ? undefined : plan === 'same' ? { kind: 'same' } : { kind: 'problems', texts: plan.problems },
  };
}

function doesOf(does: CaseSource['does']): Expected['does'] {
  if (does === undefined) return undefined;
  return Array.isArray(does) ? { kind: 'all', places: placesOf(does) } : { kind: 'some', places: placesOf(does.some) };
}

function placesOf(texts: readonly string[]): readonly Place[] {
  return texts.map(placeOf);
}

function skippedOf(skipped: NonNullable<CaseSource['skipped']>): Expected['skipped'] {
  if (Array.isArray(skipped)) return skipped.map((text) => ({ ...placeOf(text), why: undefined }));
  return Object.entries(skipped).map(([text, why]) => ({ ...placeOf(text), why }));
}

function askOf(text: string): NonNullable<Expected['asks']>[number] {
  const [step = '', whom] = text.trim().split(/\s+/);
  return { step, whom: whom === 'second' || whom === 'anyone' ? whom : undefined };
}

function buildEnd(source: EndingSource): ExpectedEnd {
  if (typeof source === 'string') return { kind: 'ended', outcome: source };
  const { stopped, waits, refused, on: host, because, offers } = source;
  if (refused !== undefined) return { kind: 'refused', because: refused };
  if (waits !== undefined) return { kind: 'waits', step: waits, host, because };
  return { kind: 'stopped', step: stopped ?? '', host, because, offers: offers?.flatMap((word) => choiceOf(word) ?? []) };
}
