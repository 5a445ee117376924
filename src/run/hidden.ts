/** Secrets that nobody declared, in files of hosts: what is called like one is not shown to a channel. Pure. */
const HIDDEN = '‹not shown›';
/** `admin.password = x`, `"apiKey": "x"`, `export DB_PASSWD=x`. */
const SECRET_LINE =
  /^([ -]?[ \t]*(?:export[ \t]+)?["']?[\w./-]{0,200}?(?:passw(?:or)?d|passphrase|pwd|pass(?=["']?[ \t]*[=: \t])|secret|token|credential|(?:api|access|private|encryption)[._-]?key)[\w./-]{0,200}["']?(?:[ \t]*[=:][ \t]*(?=\S)|[ \t]+(?=[^\s=:]))).+$/i;

/** One line of a configuration file, perhaps behind the sign of a difference, without the value of what is called like a secret. */
export function withoutSecret(line: string): string {
  return line.replace(SECRET_LINE, (_whole, before: string) => `${before}${HIDDEN}`);
}

/** One line without the passwords in its addresses: `https://user:x@host`. */
export function withoutLogin(line: string): string {
  return line.replace(/(:\/\/[^\s/:@]{1,200}:)[^\s/@]{1,500}@/g, (_whole, before: string) => `${before}${HIDDEN}@`);
}
