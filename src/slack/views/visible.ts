/** Foreign text made harmless to the eye: terminal codes go, whatever cannot be seen is written out. Pure. */
import stripAnsi from 'strip-ansi';

/** Longer than this nothing is read at all: what a message shows is far shorter, and hostile text is not scanned for long. */
const LONGEST = 400_000;

/** OSC, DCS, SOS, PM and APC strings (ECMA-48, 5.6): titles, links and device commands, with whatever they carry. */
const ESC = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
const TERMINAL_STRINGS = new RegExp(`${ESC}[\\]PX^_][^${BELL}${ESC}]*(?:${BELL}|${ESC}\\\\)`, 'g');

/** Controls, format and bidi characters, surrogates without their half, private use, line and paragraph separators. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|\p{Default_Ignorable_Code_Point}/gu;

const NAMED: Readonly<Record<string, string>> = { '\r': '␍', '\b': '␈', '\u0000': '␀', '\u0007': '␇', '\u001B': '␛', '\u007F': '␡' };

/** The text with everything invisible written out: `⟨U+202E⟩`, or a control picture for the common ones. Line ends of Windows become plain. */
export function visible(text: string): string {
  const bounded = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const plain = stripAnsi(bounded.replace(TERMINAL_STRINGS, '')).replace(/\r\n/g, '\n');
  return plain.replace(UNSEEN, picture);
}

/** Nothing is left out, terminal codes and ends of lines included: for what is carried out exactly so. */
export function exact(text: string): string {
  return text.replace(UNSEEN, picture);
}

/** As `visible`, in one line: for names, titles and reasons that stand inside a sentence. */
export function oneLine(text: string): string {
  return visible(text).replace(/\s+/g, ' ').trim();
}

function picture(character: string): string {
  if (character === '\n' || character === '\t') return character;
  const code = character.codePointAt(0) ?? 0;
  return NAMED[character] ?? `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
