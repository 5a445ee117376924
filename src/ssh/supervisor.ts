/**
 * The supervisor: the constant POSIX-sh text under which every command of Keyturn runs on a host. Nothing is installed there.
 *
 * The text is sent to `/bin/sh -s` through stdin, so no other shell parses it, and defines functions only; a call of one of them follows,
 * with its values as quoted assignments (see `shell-text.ts`). Replies are lines on stderr that begin with the nonce of the channel; raw
 * output goes to stdout behind a line of the nonce and the place of the first byte. Whatever startup files print is in front of those and is ignored.
 *
 * The store is `$HOME/.keyturn/<host name>-<machine id>/`, readable by its user only: `anchor` (a random id that tells a wiped or
 * exchanged store from one that was never used) and, for each run, a folder with these files for each attempt:
 *   .end    exclusive: who made it may start. Blank, then one line, complete when it ends with a dot: how it ended.
 *   .go     exclusive: taken just before the start, or by whoever forbids the start.      .out   what the command printed.
 *   .why    exclusive: why it was ended.        .left  what was still there afterwards.   .live  someone streams the output.
 *   .in.<n>    exclusive and complete when it is there: answer n, its text removed once it is used (see `supervisor-answers.ts`).
 *   .in.<n>.at  exclusive: so many bytes .out must have when answer n is used.        .not.<n>  it had not, and answer n was not used.
 *   .hold.<n>, .free.<n>  the same: when the clock was stopped the nth time, and when it went on, as uptime in seconds.
 *
 * `become` has a store of its own, since `sudo -H` gives it another $HOME: the anchor belongs to a host and a user, not to a host.
 *
 * Invariants:
 * S1. The command starts only behind an exclusive creation of `.go`, and nothing ever removes `.end` or `.go`: at most one start.
 * S2. `.end` is written over space reserved before the start, so that a full disk cannot swallow it.
 * S3. Whoever reads an output to its end has read `.end` before: the other order loses the tail.
 * S4. A process id counts only with its start time, its boot and a state other than zombie.
 * S5. Processes are ended by session, and only while the supervisor lives or they carry the attempt's mark in their environment.
 * S7. A shell carries out one attempt after another, one at a time; it goes on to the next only when `.end` of the last is written, and
 *     ends if it cannot be: so a living supervisor without `.end` means that the attempt is running.
 * S8. A short output is shown without `cat` (a fork and an exec saved) only if it is plain printable text and as long as the bytes consumed:
 *     shells drop NUL and count characters, and then the length differs. The place in the file tells the bytes, where Linux's /proc does.
 * S9. The timer's line is written over the last one (truncating it costs the host a flush), and names its attempt at both ends, so that one
 *     read half old and half new counts as none.
 * S6. The supervisor runs the command in the foreground (in the background POSIX makes it ignore SIGINT and SIGQUIT) and outlives a
 *     TERM to the group: signals it catches are back to their default in the command.
 * S10. One feeder, started before `.go` and never again, writes the answers in the order of their numbers: each reaches the command at most
 *     once. It outlives a cancel's signals until the command is gone, so that no command takes the end of its input for an answer.
 * S11. The text of an answer is removed when it is used, at the end, and by whoever finds the supervisor gone: the file stays as its mark.
 * S12. What the input is fed through has no name in the file system, and the supervisor itself never waits for its other end.
 * S13. Holding and releasing only ever add a file: the time that stood still is a sum that every reader finds for itself.
 * S14. Whether an answer is used or withheld is decided once, by the feeder: a repeated or a second call for its number gets the same word.
 */
import { quote } from '../quote.ts';
import { followText } from './supervisor-follow.ts';
import { processText, statText } from './supervisor-processes.ts';

const storeText = String.raw`
trap : HUP INT TERM PIPE
cd "$HOME" 2>/dev/null || cd /
k_say() { printf '%s %s\n' "$N" "$*" >&2; }
K_BOOT=
{ IFS= read -r K_BOOT </proc/sys/kernel/random/boot_id; } 2>/dev/null || K_BOOT=$(sysctl -n kern.boottime 2>/dev/null | tr -cd 0-9)
[ -n "$K_BOOT" ] || K_BOOT=none
{ IFS= read -r K_NAME </proc/sys/kernel/hostname; } 2>/dev/null || K_NAME=$(uname -n)
K_MACHINE=; { IFS= read -r K_MACHINE </etc/machine-id; } 2>/dev/null
S=$HOME/.keyturn/$K_NAME-$K_MACHINE
k_uptime() { { read -r UP K_REST </proc/uptime; } 2>/dev/null || UP=$(date +%s); }
k_anchor() { A= K_REST=; { read -r A K_REST <"$S/anchor"; } 2>/dev/null; [ "$K_REST" = . ] || A=-; }
k_make_anchor() {
  k_mkdir "$S"
  ( set -C; printf '%s .\n' "$F" >"$S/anchor" ) 2>/dev/null
  k_anchor
  [ "$A" = - ] && { sleep 1; k_anchor; }
  if [ "$A" = - ]; then k_say unwritable "$S"; else k_say anchor "$A"; fi
}
k_mkdir() { [ -d "$1" ] || ( umask 077; mkdir -p "$1" ) 2>/dev/null; }
k_same_store() {
  k_anchor
  [ -z "$K_ANCHOR" ] || [ "$A" = "$K_ANCHOR" ] && return
  k_say changed "$A"
  return 1
}
`;

const launchText = String.raw`
k_more() { [ -n "$K_MORE" ] && eval "$K_MORE"; K_MORE=; }
k_claim() {
  K_REST=2
  { set -C; { K_REST=1; printf '%127s\n' ' ' && K_REST=0; } >"$K.end"; } 2>/dev/null
  set +C
  [ $K_REST = 0 ]
}
k_launch() {
  k_same_store || return
  k_mkdir "$K_DIR"
  if k_claim; then k_begin
  elif [ $K_REST = 2 ] && [ -e "$K.end" ]; then k_more; k_rejoin
  else k_say unwritable "$K_DIR"
  fi
}
k_begin() {
  k_uptime; U0=$UP
  { true >"$K.out" && printf '%s %s %s .\n' "$K_ID" $((@{U0%.*} + K_TIMEOUT)) "$K_ID" 1<>"$S/timer.$$"; } 2>/dev/null ||
    { k_say unwritable "$K_DIR"; return; }
  [ -n "$K_TIMER" ] || { ( exec </dev/null >/dev/null 2>&1; k_timer ) & K_TIMER=$!; }
  K_FEED=- K_FED=-
  [ -z "$K_ASK" ] || k_open_input || { k_say unwritable "$K.in"; return; }
  { set -C; printf 'go %s\n' "$$ $K_START $K_BOOT $K_SESSION $PPID $K_TIMER $K_NOW $U0 $K_TIMEOUT $K_GRACE $K_SEQ $K_FEED $K_FED" >"$K.go"; } 2>/dev/null
  K_REST=$?; set +C
  [ $K_REST = 0 ] || { [ -z "$K_ASK" ] || k_close_input; if [ -s "$K.go" ]; then k_say fenced; else k_say unwritable "$K_DIR"; fi; return; }
  k_say began "$$ $K_NOW $U0"
  K_SIZE= C=2
  { if [ -z "$K_ASK" ]; then k_command 2>&1 </dev/null; C=$?; else k_ask; fi; { read -r K_REST K_SIZE <"/proc/$$/fdinfo/1"; } 2>/dev/null; } >>"$K.out"
  W=finished; [ -e "$K.why" ] && k_ended_by_us
  k_uptime
  { printf 'end %s .\n' "$W $C $K_NOW $U0 $UP" 1<>"$K.end"; } 2>/dev/null || exit 1
  [ -z "$K_ASK" ] || k_clear_input
  [ -e "$K.live" ] && { k_say "end $W $C $K_NOW $U0 $UP" live; exit 0; }
  if [ "@{K_SIZE:-none}" -le 400 ] 2>/dev/null && k_read_out; then printf '%s 0 ~\n%s%s~' "$N" "$K_TEXT" "$N"
  else printf '%s 0 ~\n' "$N"; cat "$K.out" || exit 1; printf '%s~' "$N"
  fi
  k_say "end $W $C $K_NOW $U0 $UP" all
  K_AGAIN=1
}
k_read_out() {
  K_TEXT= K_POS=
  { while IFS= read -r L; do K_TEXT=$K_TEXT$L$K_LINE; done; K_TEXT=$K_TEXT$L; read -r K_REST K_POS <"/proc/$$/fdinfo/0"; } 2>/dev/null <"$K.out"
  [ "$K_POS" = "@{#K_TEXT}" ] || return
  case $K_TEXT in *[!\ -~"$K_LINE"]*) return 1 ;; esac
}
k_probe() {
  printf '%s 0\n' "$N"
  k_say began
  k_command </dev/null
}
k_ended_by_us() {
  k_more
  read -r W <"$K.why"
  k_ticks; K_TRIES=$(((K_GRACE + 15) * K_TICKS))
  until [ -e "$K.left" ] || [ $K_TRIES -le 0 ]; do KEYTURN_ATTEMPT=none /bin/sh -c 'sleep "$0"' $K_NAP; K_TRIES=$((K_TRIES - 1)); done
  [ -e "$K.left" ] || { k_read_go; k_scan; k_write_left; }
  k_say_left
}
k_timer() {
  trap '' HUP INT TERM
  k_more
  k_self
  while sleep 1; do
    T_DOT=; { read -r K_ID T_UNTIL T_SAME T_DOT <"$S/timer.$$"; } 2>/dev/null
    T_LIVES=; k_stat $$ && [ "$T_START" = "$K_START" ] && T_LIVES=1
    [ "$T_DOT$T_SAME" = ".$K_ID" ] || { [ -n "$T_LIVES" ] || break; continue; }
    K=$S/runs/$K_ID
    k_uptime
    if k_ended; then [ -n "$T_LIVES" ] || break
    elif k_past "$T_UNTIL"; then k_read_go; [ "$G_WORD" = go ] && k_stop timedOut "$G_GRACE"
    fi
    [ -n "$T_LIVES" ] || [ ! -e "$K.why" ] || break
  done
  rm -f "$S/timer.$$"
  exit 0
}
`.replaceAll('@{', '${');

/**
 * Defines the functions, then says `ready`. Expects `N` (nonce) and `F` (a fresh random id, used if this store has no anchor yet).
 * What a short command does not need is only a text in a variable until it is needed: half the time of parsing saved. Nor is it indented:
 * a shell reads the text byte by byte for every channel.
 */
export const supervisorText = `${storeText}${statText}${launchText}
K_MORE=${quote(processText + followText)}
K_TIMER=
K_LINE='
'
k_self_time
k_anchor
k_say ready "$A $$ $K_START"
`.replaceAll(/^ +/gm, '');
