/**
 * Whether what a tool asks looks like a question for a secret. People answer prompts in Slack, where everybody in the channel reads the answer and
 * search keeps it; so a secret is never asked for there. Pure. In doubt the answer is yes: what is refused wrongly is declared in the procedure.
 */
import stripAnsi from 'strip-ansi';

/** Words that stand for a secret wherever they stand, also inside another word: `dbPassword`, `AUTH_TOKEN`. */
const ANYWHERE = /pass ?(?:word|wd|phrase|code|key)|passwd|secret|token|credential|(?:api|ssh)key/;
/** Short ones, which other words contain by chance (`spinning`, `monkey`). */
const ALONE = /(?<!\p{L})(?:pins?|keys?|pwd|otp|totp|pass(?=\s*:)|(?:verification|security|one[- ]?time|access|auth\w*) codes?)(?!\p{L})/u;
/** A key on the keyboard. */
const KEYBOARD = /(?<!\p{L})(?:any|enter|return|escape|esc|space|arrow) keys?(?!\p{L})/gu;
/** It asks for yes or no, as `(y/n)`, `[Y/n]:` and `(yes/no/[fingerprint])?` do, whatever it is about. */
const YES_OR_NO =
  /[([{<]\s*y(?:es)?\s*[/|]\s*no?(?:\s*[/|]\s*\[?(?:fingerprint|all|a|quit|q|cancel|c|help|h|\?)\]?)*\s*[)\]}>]\s*(?:\[[a-z]{1,3}\])?\s*[?:>]*\s*$/;

/** `text` as the tool printed it. */
export function looksSecret(text: string): boolean {
  const asking = askingPart(text);
  if (YES_OR_NO.test(asking)) return false;
  const said = asking.replace(KEYBOARD, ' ');
  return ANYWHERE.test(said) || ALONE.test(said);
}

/** The last line that says something, with the one before it where it only goes on from there: `Password` and then `(at least 8 characters):`. */
function askingPart(text: string): string {
  const lines = plain(text)
    .split('\n')
    .filter((line) => /\p{L}/u.test(line));
  const last = lines.at(-1) ?? '';
  const goesOn = !/^\s*\p{Lu}/u.test(last);
  const asking = goesOn ? lines.slice(-2).join('\n') : last;
  return asking.toLowerCase().replace(/\s+/g, ' ');
}

/** A prompt is short; hostile text is not looked at for long. */
const LONGEST = 4_000;

/** Without what cannot be seen, with look-alikes of other widths as plain letters, and with the words of `apiKey` apart. */
function plain(text: string): string {
  return stripAnsi(text.slice(-LONGEST))
    .normalize('NFKC')
    .replace(/\r/g, '\n')
    .replace(/[^\P{C}\n\t]/gu, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
}
