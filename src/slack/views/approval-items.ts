/**
 * What an approval would start, whole: hosts, scripts with their values, shells and users, answers to the tools' questions, changes of files. Pure.
 * Values stand in preformatted blocks, where nothing is read as markup, with ‹secret x› for each secret.
 */
import { shownValue } from '../../procedure/secret-mark.ts';
import type { Item, Subject } from '../../run/events.ts';
import { type Part, say, showWhole } from './compose.ts';
import { code } from './escape.ts';
import { listed, name, words } from './words.ts';

/** More hosts than this stand in a block of their own. */
const HOSTS_IN_LINES = 20;

/** One line for each host, with its address, roles and attempt; none where `itemParts` lists them. */
export function hostLines(subject: Subject): readonly string[] {
  if (subject.items.length > HOSTS_IN_LINES) return [`*Hosts:* ${subject.items.length}, each of them listed below.`];
  return ['*Hosts:*', ...subject.items.map((item) => `• ${hostLine(item, subject)}`)];
}

function hostLine(item: Item, subject: Subject): string {
  const roles = Object.entries(subject.roles).flatMap(([role, host]) => (host === item.host ? [name(role)] : []));
  const attempt = item.attempt === 1 ? '' : `, attempt ${item.attempt}`;
  return `${name(item.host)} (${name(item.address)})${roles.length === 0 ? '' : `: ${listed(roles, 10)}`}${attempt}`;
}

export function itemParts(subject: Subject): readonly Part[] {
  return [...allHosts(subject), ...groupsOf(subject).flatMap(groupParts)];
}

function allHosts({ items }: Subject): readonly Part[] {
  if (items.length <= HOSTS_IN_LINES) return [];
  return [
    showWhole(items.map(({ host, address, attempt }) => `${host} (${address})${attempt === 1 ? '' : `, attempt ${attempt}`}`).join('\n')),
  ];
}

type Group = { readonly first: Item; readonly items: readonly Item[] };

/** Each different script once, with the hosts that it is for. */
function groupsOf(subject: Subject): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const item of subject.items) {
    const key = JSON.stringify([item.script, item.shell, item.become, item.answers]);
    const known = groups.get(key);
    groups.set(key, { first: known?.first ?? item, items: [...(known?.items ?? []), item] });
  }
  return [...groups.values()];
}

function groupParts({ first, items }: Group): readonly Part[] {
  return [
    say(`Exactly this is run on ${listed(hostNames(items), 10)}${within(first)}:`),
    showWhole(first.script.replace(/\n$/, '')),
    ...shellParts(first),
    ...perHost('With these values:', items, valuesOf),
    ...answerParts(first),
    ...perHost('It changes this:', items, (item) => item.diff ?? ''),
  ];
}

function hostNames(items: readonly Item[]): readonly string[] {
  return items.map((item) => name(item.host));
}

function within({ shell, become }: Item): string {
  const inShell = shell === undefined ? '' : `, fed to the shell ${name(shell.name)}`;
  return `${inShell}${become === undefined ? '' : `, as the user ${code(become)}`}`;
}

function shellParts({ shell }: Item): readonly Part[] {
  return shell === undefined ? [] : [say(`The shell ${name(shell.name)} is started by:`), showWhole(shell.run)];
}

function valuesOf(item: Item): string {
  return Object.entries(item.env)
    .map(([key, value]) => `${key}=${shownValue(value)}`)
    .join('\n');
}

function answerParts({ answers = [] }: Item): readonly Part[] {
  if (answers.length === 0) return [];
  const lines = answers.map(({ prompt, answer }) => `when it prints  ${prompt}\nit is told      ${shownValue(answer)}`);
  return [say('Its questions are answered so (a pattern, and the expression of its answer):'), showWhole(lines.join('\n'))];
}

/** One text where it is the same on every host, else host by host. */
function perHost(title: string, items: readonly Item[], textOf: (item: Item) => string): readonly Part[] {
  const texts = items.map((item) => ({ host: item.host, text: textOf(item) })).filter(({ text }) => text !== '');
  const [first] = texts;
  if (first === undefined) return [];
  const same = texts.length === items.length && texts.every(({ text }) => text === first.text);
  return [say(title), showWhole(same ? first.text : texts.map(({ host, text }) => `# on ${host}\n${text}`).join('\n'))];
}

/** The scripts in one line, for search. */
export function scriptsIn(subject: Subject, longest: number): string {
  const scripts = groupsOf(subject).map(({ first }) => first.script);
  return words(scripts.join(' ; '), longest);
}
