/** A simple look at a shell script: which variables it uses that nobody gives it. */

/** What a shell or its login sets by itself. */
const given = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'OLDPWD', 'IFS', 'PPID', 'OPTARG', 'OPTIND', 'TMPDIR'];

/** Names used as `$NAME` or `${NAME}` that are neither passed, nor given by the shell, nor assigned in the script. */
export function missingNames(script: string, passed: readonly string[]): readonly string[] {
  const known = new Set([...given, ...passed, ...assignedNames(script)]);
  return [...new Set(usedNames(script))].filter((name) => !known.has(name));
}

/** A `{{ … }}` that was meant to paste a value: the language has none in scripts. */
export function pastedValue(script: string): string | undefined {
  return /\{\{\s{0,20}(?:params|vars|roles|host|cluster)\b[^}]{0,100}\}\}/.exec(script)?.[0];
}

function assignedNames(script: string): readonly string[] {
  const assigned = script.matchAll(/(?:^|[\s;&|({`])([A-Za-z_]\w*)=/gm);
  const looped = script.matchAll(/\b(?:for|read(?:\s+-r)?)\s+([A-Za-z_]\w*(?:[ \t]+[A-Za-z_]\w*)*)/g);
  return [...assigned, ...looped].flatMap((match) => (match[1] ?? '').split(/\s+/));
}

/** Walks the quotes: in single quotes a dollar is a dollar; `$( )` begins afresh; `${X:-y}` provides for the lack itself. */
function usedNames(script: string): readonly string[] {
  const names: string[] = [];
  const open: ('"' | ')')[] = [];
  for (let at = 0; at < script.length; at++) {
    const char = script[at];
    const inDouble = open.at(-1) === '"';
    if (char === '\\') at += 1;
    else if (char === "'" && !inDouble) at = endOf(script, "'", at);
    else if (char === '#' && !inDouble && /(^|\s)$/.test(script.slice(Math.max(0, at - 1), at))) at = endOf(script, '\n', at);
    else if (char === '"') inDouble ? open.pop() : open.push('"');
    else if (char === ')' && open.at(-1) === ')') open.pop();
    else if (char === '$' && script[at + 1] === '(') open.push(')');
    else if (char === '$') names.push(...nameAt(script.slice(at + 1, at + 200)));
  }
  return names;
}

function endOf(script: string, mark: string, from: number): number {
  const end = script.indexOf(mark, from + 1);
  return end < 0 ? script.length : end;
}

function nameAt(text: string): readonly string[] {
  const plain = /^[A-Za-z_]\w*/.exec(text)?.[0];
  if (plain !== undefined) return [plain];
  const braced = /^\{([A-Za-z_]\w*)(.?.?)/.exec(text);
  return braced?.[1] === undefined || /^:?[-=+?]/.test(braced[2] ?? '') ? [] : [braced[1]];
}
