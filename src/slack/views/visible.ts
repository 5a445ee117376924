/** Foreign text made harmless to the eye: terminal codes go, whatever cannot be seen is written out. Pure. */
import stripAnsi from 'strip-ansi';

/** Terminal commands that set titles, links or colours in ways that `strip-ansi` leaves behind: OSC, DCS, PM, APC and SOS strings. */
const TERMINAL_STRINGS = new RegExp('[\\u001B](?:\\]|P|\\^|_|X)[^\\u0007\\u001B]*(?:\\u0007|\\u001B\\\\)', 'g');

/** Controls (but tab and line feed), format and bidi characters, fillers that look like nothing, lone surrogates, private use. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFFA0\u{E0000}-\u{E0FFF}]/gu;

const NAMED: Readonly<Record<string, string>> = { '\r': '␍', '\b': '␈', '\u0000': '␀', '\u0007': '␇', '\u001B': '␛', '\u007F': '␡' };

/** The text with everything invisible written out: `⟨U+202E⟩`, or a control picture for the common ones. Line ends of Windows become plain. */
export function visible(text: string): string {
  const plain = stripAnsi(text.replace(TERMINAL_STRINGS, '')).replace(/\r\n/g, '\n');
  return plain.replace(UNSEEN, picture);
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
