/** Words by which a program looks as if it took something down, removed something or wrote over something. */
import { assignedBy } from '../script.ts';
import type { Compound, Redirect, Word } from '../shell/model.ts';
import { everyCommand, readScript } from '../shell/script.ts';
import { type Run, runsIn } from './runs.ts';

const verbs = new Set(
  `stop restart reboot shutdown halt poweroff kill pkill killall terminate drop truncate delete remove rm rmdir unlink erase purge prune wipe
  destroy uninstall shred dd mkfs wipefs umount swapoff userdel groupdel autoremove`.split(/\s+/),
);

/** They print, compare and look; what they are given is text to them. */
const looking = new Set(
  `echo printf cat grep egrep fgrep zgrep head tail less more ls test [ [[ cd pwd true false : sort uniq wc cut tr awk df du stat file which
  command type hash ps pgrep pidof id whoami date sleep export local readonly read set unset shift return exit break continue for case basename
  dirname realpath readlink diff cmp comm sha256sum sha1sum md5sum cksum uname hostname ip ss netstat lsof jq getent wait jobs seq expr mkdir
  touch mktemp logger umask getopts trap eval`.split(/\s+/),
);

/** Where a copy or a move would change the system itself. */
const system = /^\/(etc|usr|bin|sbin|lib|lib64|boot|opt|root|var\/lib)(\/|$)/;
const scratch = /^\/(dev\/(null|stdout|stderr|tty|fd\/.*)|tmp\/.+|var\/tmp\/.+)$/;

/** The first such word of a script, as it may be shown; `passed` are the names that `env` gives it. */
export function unsafeWordIn(script: string, passed: readonly string[]): string | undefined {
  const { commands, compounds, functions } = readScript(script);
  const all = everyCommand(commands);
  const own = new Set(all.flatMap(assignedBy));
  const temporary = new Set(
    all.flatMap(({ assignments }) =>
      assignments.flatMap(({ name, value }) => (value.inside[0]?.words[0]?.text === 'mktemp' ? [name] : [])),
    ),
  );
  const given = passed.filter((name) => !own.has(name));
  for (const run of runsIn(script)) {
    // What a function of the script's own does stands in the script.
    const word = functions.includes(run.program) ? undefined : wordOf(run, { temporary, given });
    if (word !== undefined) return word;
  }
  return overwritten([...all, ...compounds], given);
}

type Names = { readonly temporary: ReadonlySet<string>; readonly given: readonly string[] };

function wordOf(run: Run, names: Names): string | undefined {
  const { program, args } = run;
  const texts = args.map(({ text }) => text);
  switch (program) {
    case 'kill':
      return /^-(0|l|L|s0)$/.test(texts[0] ?? '') || (texts[0] === '-s' && texts[1] === '0') ? undefined : program;
    case 'rm':
    case 'rmdir':
    case 'unlink':
      return operands(args).every((word) => isTemporary(word, names)) && operands(args).length > 0 ? undefined : program;
    case 'rpm':
      return texts.find((text) => /^-[^-qV]*[eUF][^-qV]*$/.test(text) || /^--(erase|upgrade|freshen|reinstall)$/.test(text));
    case 'dpkg':
      return texts.find((text) => /^-[rP]$/.test(text)) ?? spokenIn(run);
    case 'chmod':
    case 'chown':
    case 'chgrp':
      return texts.some((text) => /^(-[A-Za-z]*R[A-Za-z]*|--recursive)$/.test(text)) ? `${program} -R` : undefined;
    case 'sed':
      return texts.some((text) => /^(-[a-z]*i|--in-place)/.test(text)) && !isTemporary(args.at(-1), names) ? 'sed -i' : undefined;
    case 'mv':
    case 'cp':
    case 'ln':
    case 'install':
    case 'rsync':
      return system.test(texts.at(-1) ?? '') ? `${program} … ${texts.at(-1)}` : undefined;
    case 'tee':
      return texts.includes('-a') ? undefined : operands(args).find((word) => isPlace(word, names.given))?.text;
    case 'curl':
    case 'wget':
      return /(^|\s)(-X\s?|--request[\s=]|--method[\s=])DELETE(\s|$)/.test(texts.join(' ')) ? `${program} DELETE` : undefined;
    case 'find':
      return texts.find((text) => text === '-delete');
    case 'systemctl':
    case 'service':
    case 'init':
    case 'telinit':
      return texts.find((text) => /^(disable|mask|isolate|[06])$/.test(text)) ?? spokenIn(run);
    default:
      return looking.has(program) ? undefined : (statementIn(run) ?? spokenIn(run));
  }
}

/** A verb in the name of the program or in a plain argument: `atscale_stop`, `service x stop`, `--stop`, not `--no-stop`. */
function spokenIn({ program, args }: Run): string | undefined {
  if (hasVerb(program)) return program;
  return args.map(({ text }) => text).find((text) => !/[\s/=]/.test(text) && hasVerb(text));
}

function hasVerb(text: string): boolean {
  const parts = text.split(/[_\-./]+/);
  return parts.some((part, index) => verbs.has(part) && !/^(no|not|dont|without|skip|never)$/.test(parts[index - 1] ?? ''));
}

const databases = /^(psql|mysql|mariadb|sqlite3|sqlplus|cqlsh|mongo|mongosh|redis-cli|clickhouse-client)$/;

function statementIn({ program, args, command }: Run): string | undefined {
  if (!databases.test(program)) return undefined;
  const documents = command.redirects.flatMap(({ body }) => (body === undefined ? [] : [body]));
  return [...args, ...documents]
    .map(({ text }) => /\b(drop|truncate|delete|flushall|flushdb)\b/i.exec(text)?.[0])
    .find((word) => word !== undefined);
}

function operands(args: readonly Word[]): readonly Word[] {
  return args.filter(({ text }) => !text.startsWith('-'));
}

/** A file that the script made itself by `mktemp`. */
function isTemporary(word: Word | undefined, { temporary }: Names): boolean {
  const name = /^\$(\w+)/.exec(word?.text ?? '')?.[1];
  return name !== undefined && temporary.has(name);
}

/** An absolute path, or one in a folder that `env` gives. */
function isPlace({ text }: Word, given: readonly string[]): boolean {
  const name = /^\$(\w+)/.exec(text)?.[1];
  return name === undefined ? text.startsWith('/') && !scratch.test(text) : given.includes(name);
}

/** A `>` onto such a place. */
function overwritten(
  all: readonly (Compound | { readonly redirects: readonly Redirect[] })[],
  given: readonly string[],
): string | undefined {
  const target = all
    .flatMap(({ redirects }) => redirects)
    .find((redirect) => /^[0-9]*>\|?$/.test(redirect.sign) && isPlace(redirect.target, given))?.target;
  return target === undefined ? undefined : `> ${target.text}`;
}
