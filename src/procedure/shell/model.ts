/** A shell script as the checks look at it: commands with their words, what they read and where their output goes. */

/** `value` and `fallback` (`${X:-y}`) give what the variable holds; `presence` (`${X:+y}`) and `length` (`${#X}`) only tell of it. */
export type Expansion = { readonly name: string; readonly as: 'value' | 'fallback' | 'presence' | 'length' };

export type Word = {
  /** Without its quotation marks; variables as `$NAME`, commands inside as `$()`. */
  readonly text: string;
  readonly isQuoted: boolean;
  /** Variables in it, not those of the commands inside. */
  readonly expansions: readonly Expansion[];
  /** The commands of each `$( )` in it. */
  readonly inside: readonly Command[];
};

export type Redirect = {
  /** `>`, `>>`, `>|`, `<`, `<<`, `<<-`, `<<<`, `>&`, `<&`, `<>`, with the number before it. */
  readonly sign: string;
  readonly target: Word;
  /** Of a here-document. */
  readonly body?: Word;
};

/** What ends a command: `|` sends its output on; `)` and `end` are the end of what it stands in. */
export type End = '|' | '&' | '&&' | '||' | ';' | ';;' | '\n' | ')' | 'end';

/** A compound command around others. `from`, `body` and `to` count in the list that holds its commands; `body` is where `do` stands. */
export type Compound = {
  readonly kind: '{' | '(' | 'if' | 'while' | 'until' | 'for' | 'case';
  readonly from: number;
  readonly body: number;
  readonly to: number;
  readonly redirects: readonly Redirect[];
  readonly end: End;
};

export type Command = {
  /** The program and its arguments; empty for mere assignments. */
  readonly words: readonly Word[];
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly redirects: readonly Redirect[];
  readonly end: End;
  /** The innermost last. */
  readonly around: readonly Compound[];
};

export type Script = {
  readonly commands: readonly Command[];
  readonly compounds: readonly Compound[];
  /** Functions that the script makes. */
  readonly functions: readonly string[];
};
