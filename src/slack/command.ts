/**
 * What `/ha …` means: text and the known names in, a command or sentences about the mistake out. Pure.
 * Only names are checked here; values of parameters, rights and locks are the desk's.
 */
import { FORMATS, type Format, formatNamed } from '../export/render.ts';
import { listed, noSuch, shown, suggest } from './suggest.ts';
import { split, type Word } from './words.ts';

export type Command =
  | { readonly kind: 'help'; readonly procedure: string | undefined }
  | { readonly kind: 'list' }
  | {
      readonly kind: 'start' | 'plan';
      readonly procedure: string;
      readonly cluster: string;
      readonly params: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'status'; readonly target: string | undefined }
  | { readonly kind: 'export'; readonly run: string; readonly format: Format }
  /** `text`: filters and words as typed. */
  | { readonly kind: 'history'; readonly text: string }
  | { readonly kind: 'show'; readonly run: string }
  /** `page` of what was given, counted from 1. */
  | { readonly kind: 'approvals'; readonly page: number }
  | { readonly kind: 'reviews' }
  | { readonly kind: 'review'; readonly run: string; readonly note: string }
  | { readonly kind: 'pause' | 'resume' | 'cancel'; readonly target: string; readonly reason: string };

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'mistake'; readonly sentences: readonly string[] };

export type Named = { readonly name: string; readonly product: string };
/** What exists now. */
export type Known = { readonly procedures: readonly Named[]; readonly clusters: readonly Named[] };

/** The words that come before any procedure's name. */
export const WORDS = [
  'help',
  'list',
  'run',
  'plan',
  'status',
  'pause',
  'resume',
  'cancel',
  'history',
  'show',
  'approvals',
  'export',
  'reviews',
  'review',
] as const;

export function parseCommand(typed: string, known: Known): Parsed {
  // Its quotes mean phrases, which `split` takes off.
  const [isHistory, filters = ''] = /^\s*history(?:\s+(.*))?$/is.exec(typed) ?? [];
  if (isHistory !== undefined) return command({ kind: 'history', text: filters });
  const cut = split(typed);
  if (cut.kind === 'unclosed')
    return mistake(`A quote (${cut.quote}) is opened and never closed. Write values with spaces as \`name="two words"\`.`);
  const [first, ...rest] = cut.words;
  if (first === undefined) return { kind: 'command', command: { kind: 'help', procedure: undefined } };
  const word = first.text.toLowerCase();
  switch (word) {
    case 'help':
      return help(rest, known);
    case 'list':
      return rest.length === 0 ? command({ kind: 'list' }) : mistake('`/ha list` takes nothing after it.');
    case 'run':
      // For a procedure that is called like one of these words: `/ha run status atscale-prod`.
      return run('start', rest, known);
    case 'plan':
      return run('plan', rest, known);
    case 'status':
      return status(rest);
    case 'export':
      return exported(rest);
    case 'show':
      return rest.length === 1
        ? command({ kind: 'show', run: rest[0]?.text.toLowerCase() ?? '' })
        : mistake('Which run? Write `/ha show <run>`; `/ha history` finds its id, which stands in its thread, too.');
    case 'approvals':
      return approvals(rest);
    case 'reviews':
      return rest.length === 0
        ? command({ kind: 'reviews' })
        : mistake('`/ha reviews` takes nothing after it. Write `/ha review <run> <words>` for one run.');
    case 'review':
      return review(rest, cut.text);
    case 'pause':
    case 'resume':
    case 'cancel':
      return control(word, rest, cut.text);
    default:
      return run('start', cut.words, known);
  }
}

function command(it: Command): Parsed {
  return { kind: 'command', command: it };
}

function mistake(...sentences: readonly string[]): Parsed {
  return { kind: 'mistake', sentences };
}

function help(rest: readonly Word[], known: Known): Parsed {
  const asked = rest[0]?.text;
  if (asked === undefined) return command({ kind: 'help', procedure: undefined });
  const found = find(known.procedures, asked);
  if (found !== undefined) return command({ kind: 'help', procedure: found.name });
  if (WORDS.some((word) => word === asked.toLowerCase())) return command({ kind: 'help', procedure: undefined });
  return mistake(noSuch('procedure', asked, names(known.procedures)));
}

function status(rest: readonly Word[]): Parsed {
  if (rest.length > 1) return mistake('`/ha status` takes one run or one cluster after it, or nothing for all that is going on.');
  return command({ kind: 'status', target: rest[0]?.text });
}

/** The reason is taken as typed, to the end of the line. */
function control(kind: 'pause' | 'resume' | 'cancel', rest: readonly Word[], text: string): Parsed {
  const target = rest[0];
  if (target === undefined) return mistake(`Which run? Write \`/ha ${kind} <run or cluster>\`; \`/ha status\` shows what is going on.`);
  return command({ kind, target: target.text, reason: restFrom(rest[1], text) });
}

/** As typed, to the end of the line. */
function restFrom(word: Word | undefined, text: string): string {
  return word === undefined ? '' : text.slice(word.start).replace(/^"([^"]*)"$/, '$1');
}

/** A page for people, unless told. */
function exported(rest: readonly Word[]): Parsed {
  const [run, named, ...more] = rest;
  const how = `Write \`/ha export <run> [${FORMATS.join('|')}]\``;
  if (run === undefined) return mistake(`Which run? ${how}; the file is put into the thread of the run.`);
  const format = formatNamed(named?.text.toLowerCase() ?? 'html');
  if (format === undefined) return mistake(`\`${shown(named?.text ?? '')}\` is no form of an export. ${how}.`);
  return more.length > 0
    ? mistake(`\`/ha export\` takes one run and one form. ${how}.`)
    : command({ kind: 'export', run: run.text.toLowerCase(), format });
}

function approvals(rest: readonly Word[]): Parsed {
  const [, page] = /^page:([1-9]\d{0,3})$/i.exec(rest[0]?.text ?? 'page:1') ?? [];
  return page === undefined || rest.length > 1
    ? mistake('`/ha approvals` takes nothing after it, or `page:2` for what you approved before that.')
    : command({ kind: 'approvals', page: Number(page) });
}

function review(rest: readonly Word[], text: string): Parsed {
  const [run, first] = rest;
  if (run === undefined)
    return mistake('Which run, and what did you find? Write `/ha review <run> <words>`; `/ha reviews` shows what waits for a review.');
  if (first === undefined)
    return mistake(`What did you find? Write \`/ha review ${shown(run.text)} <words>\`; the words are kept with your name.`);
  return command({ kind: 'review', run: run.text.toLowerCase(), note: restFrom(first, text) });
}

function run(kind: 'start' | 'plan', words: readonly Word[], known: Known): Parsed {
  const [first, second, ...rest] = words;
  if (first === undefined) return mistake(`Which procedure? ${usage(kind)}`, `Procedures: ${listed(names(known.procedures))}.`);
  const procedure = find(known.procedures, first.text);
  if (procedure === undefined) return mistake(...strangeFirst(kind, first.text, second?.text, known));
  if (second === undefined) return mistake(`Which cluster? ${usage(kind, procedure.name)}`, clustersFor(procedure.name, known));
  const cluster = find(known.clusters, second.text);
  if (cluster === undefined) return mistake(strangeSecond(kind, procedure.name, second.text, known));
  const given = params(rest, kind, `${procedure.name} ${cluster.name}`);
  if (given.kind === 'mistake') return given;
  return command({ kind, procedure: procedure.name, cluster: cluster.name, params: given.params });
}

/** Most often the two words have changed places, or one letter is wrong. */
function strangeFirst(kind: 'start' | 'plan', first: string, second: string | undefined, known: Known): readonly string[] {
  const cluster = find(known.clusters, first);
  if (cluster !== undefined) {
    const meant = second === undefined ? undefined : (find(known.procedures, second)?.name ?? suggest(second, names(known.procedures)));
    const right = meant === undefined ? usage(kind, '<procedure>', cluster.name) : usage(kind, meant, cluster.name);
    return [`The procedure comes first, then the cluster. ${right}`, proceduresFor(cluster, known)];
  }
  const words = kind === 'start' ? [...WORDS, ...names(known.procedures)] : names(known.procedures);
  const near = suggest(first, words);
  const hint = near === undefined ? '' : ` Did you mean \`/ha ${kind === 'plan' ? 'plan ' : ''}${near}\`?`;
  return [
    `There is no command and no procedure \`${shown(first)}\`.${hint}`,
    `Procedures: ${listed(names(known.procedures))}. Commands: ${listed(WORDS)}. \`/ha help\` explains them.`,
  ];
}

function strangeSecond(kind: 'start' | 'plan', procedure: string, second: string, known: Known): string {
  const fitting = names(clustersOf(procedure, known));
  if (second.includes('='))
    return `The cluster comes before \`${shown(second)}\`. ${usage(kind, procedure)} ${clustersFor(procedure, known)}`;
  return noSuch('cluster', second, fitting.length > 0 ? fitting : names(known.clusters));
}

type Params = { readonly kind: 'params'; readonly params: Readonly<Record<string, string>> } | Extract<Parsed, { kind: 'mistake' }>;

function params(words: readonly Word[], kind: 'start' | 'plan', before: string): Params {
  const given = new Map<string, string>();
  for (const { text } of words) {
    const [, name, value] = /^([A-Za-z][\w-]*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) return { kind: 'mistake', sentences: [notAPair(text, kind, before)] };
    if (given.has(name)) return { kind: 'mistake', sentences: [`\`${name}\` is given twice. Give it once.`] };
    given.set(name, value);
  }
  return { kind: 'params', params: Object.fromEntries(given) };
}

function notAPair(text: string, kind: 'start' | 'plan', before: string): string {
  const how = `${kind === 'plan' ? '/ha plan' : '/ha'} ${before} name=value`;
  return `\`${shown(text)}\` is not of the form name=value. Write \`${how}\`, without spaces around the =, and values with spaces as \`name="two words"\`.`;
}

function usage(kind: 'start' | 'plan', procedure = '<procedure>', cluster = '<cluster>'): string {
  return `Write \`/ha ${kind === 'plan' ? 'plan ' : ''}${procedure} ${cluster} [name=value …]\`.`;
}

function proceduresFor(cluster: Named, known: Known): string {
  const fitting = names(known.procedures.filter((procedure) => procedure.product === cluster.product));
  return fitting.length === 0 ? `There is no procedure for ${cluster.product}.` : `Procedures for ${cluster.name}: ${listed(fitting)}.`;
}

function clustersFor(procedure: string, known: Known): string {
  const fitting = names(clustersOf(procedure, known));
  return fitting.length === 0 ? `No cluster has a product that \`${procedure}\` is for.` : `Clusters for it: ${listed(fitting)}.`;
}

function clustersOf(procedure: string, known: Known): readonly Named[] {
  const products = known.procedures.filter((candidate) => candidate.name === procedure).map((candidate) => candidate.product);
  return known.clusters.filter((cluster) => products.includes(cluster.product));
}

/** Names are matched whatever their case, for phones capitalise the first word. */
function find(among: readonly Named[], word: string): Named | undefined {
  return (
    among.find((candidate) => candidate.name === word) ?? among.find((candidate) => candidate.name.toLowerCase() === word.toLowerCase())
  );
}

function names(among: readonly Named[]): readonly string[] {
  return [...new Set(among.map((candidate) => candidate.name))].sort();
}
