/**
 * What is sent to a host to look at a file and to take one in. Constant texts; a path reaches them as a variable. They work with the tools of
 * GNU, of BusyBox and of the BSDs (macOS has `shasum`, and all have one of these three).
 */

/** SHA-256 of the standard input; fails where there is no program for it. */
const digestText = `
k_digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256
  else return 127
  fi
}
`;

/**
 * Tells of `FILE_PATH` on stderr, in lines: `missing`, `other <what>`, `unreadable` with the reason on the next line, or `file` or `link`
 * followed by four lines of facts (size, octal mode, user id, group id; owner; group; what changes with the file), the digest (or `none`) if
 * `FILE_DO` is `describe`, and the same facts again. With `send` the file itself goes to stdout in between.
 */
export const fileScript = String.raw`
LC_ALL=C; export LC_ALL
say() { printf '%s\n' "$@" >&2; }
facts() {
  if stat -c %s / >/dev/null 2>&1; then
    stat -L -c '%s %a %u %g
%U
%G
%i %y %z' "$FILE_PATH"
  else
    stat -L -f '%z %Mp%Lp %u %g
%Su
%Sg
%i %Fm %Fc' "$FILE_PATH"
  fi >&2
}
${digestText}
why=$(ls -d "$FILE_PATH" 2>&1 >/dev/null) || {
  case $why in
    *': No such file or directory' | *': Not a directory') say missing ;;
    *) say unreadable "@{why##*: }" ;;
  esac
  exit 0
}
if [ -d "$FILE_PATH" ]; then say 'other a folder'; exit 0; fi
if [ ! -e "$FILE_PATH" ]; then say 'other a link that leads nowhere'; exit 0; fi
if [ ! -f "$FILE_PATH" ]; then say 'other a device, a pipe or a socket'; exit 0; fi
if [ ! -r "$FILE_PATH" ]; then say unreadable 'Permission denied'; exit 0; fi
if [ -L "$FILE_PATH" ]; then say link; else say file; fi
facts || exit 0
case $FILE_DO in
  send) cat <"$FILE_PATH" || exit 0 ;;
  describe) k_digest <"$FILE_PATH" >&2 || if [ $? = 127 ]; then say none; else exit 0; fi ;;
esac
facts
`.replaceAll('@{', '${');

/**
 * Takes the shell's standard input into the file `P`: made exclusively and for its user alone, or, with `K_OVER`, in place of what an earlier
 * try left there. Replies `began` when it reads, then `received <bytes> <digest>`, or `short <bytes>` (it ended early), `uncreated <why>`,
 * `unwritten <status> <why>` or `undigested`. What is not whole it removes, unless somebody else's file has that name by now.
 * The line that calls it must also leave the shell, or bytes that nobody read would be taken for commands.
 */
export const receiveText = String.raw`
${digestText}
k_take() {
  K_NODE=$(ls -di "$P")
  printf '%s began\n' "$N" >&4
  W=$(cat 2>&1 >&5); C=$?
  Z=$(wc -c 2>/dev/null <"$P"); Z=$((Z))
  if [ $C = 0 ] && [ $Z = "$K_BYTES" ]; then
    W=$(k_digest 2>/dev/null <"$P"); C=$?
    [ $C = 0 ] && printf '%s received %s %s\n' "$N" $Z "$W" >&4 && return
    C=undigested
  fi
  [ "$(ls -di "$P" 2>/dev/null)" = "$K_NODE" ] && rm -f "$P"
  case $C in
    0) printf '%s short %s\n' "$N" $Z ;;
    undigested) printf '%s undigested\n' "$N" ;;
    *) printf '%s unwritten %s %s\n' "$N" $C "@{W##*: }" ;;
  esac >&4
  return 0
}
k_receive() {
  LC_ALL=C; export LC_ALL
  trap '' PIPE
  k_digest </dev/null >/dev/null 2>&1 || { k_say undigested; return; }
  [ -n "$K_OVER" ] && [ -f "$P" ] && [ ! -L "$P" ] && rm -f "$P"
  # What is no regular file, a device say, would be written to all the same.
  if [ -e "$P" ] || [ -L "$P" ]; then k_say uncreated File exists; return; fi
  exec 4>&2
  W=$( ( umask 077; set -C; { k_take; } 5>"$P" ) 2>&1 ) || k_say uncreated "@{W##*: }"
}
`.replaceAll('@{', '${');

/** Removes what a copy left in `FILE_PATH`. */
export const discardScript = 'rm -f "$FILE_PATH"';
