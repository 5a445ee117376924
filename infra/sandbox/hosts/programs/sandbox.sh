# shellcheck shell=sh disable=SC2034,SC2154
# What the stand-ins of all products share: clock, log, lock, faults.
# Sourced by the programs after the host's settings, never run. POSIX only: dash, bash and busybox read the same words. A program begins with
#   . "$HOME/../sandbox.conf"
#   . "$SANDBOX/lib/sandbox.sh"
#
# Invariants
#   L1  executed.log is only ever appended to, one short write a line, so lines of parallel programs never mix.
#   L2  a file of the state is replaced by rename, so a reader sees the old or the new state and nothing between.
#   L3  deciding about the order and taking the new state happen under one lock.
#   L4  nothing here runs in the background: a program that ended has left nothing behind.

# NOW in milliseconds since 1970, STAMP in ISO 8601. Where date knows no %N the milliseconds are 000.
clock() {
  # shellcheck disable=SC2046
  set -- $(date -u '+%s %Y-%m-%dT%H:%M:%S %N')
  case ${3-} in
    [0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]) set -- "$1" "$2" "${3%??????}" ;;
    *) set -- "$1" "$2" 000 ;;
  esac
  NOW=$1$3
  STAMP=$2.${3}Z
}

# record EVENT CODE MESSAGE: one line of the log (L1).
record() {
  clock
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$STAMP" "$HOST" "$PROGRAM" "$ARGS" "$$" "$1" "$2" "$3" >>"$SANDBOX/executed.log"
}

# begin PROGRAM ARGS…: the first line of every invocation, then the faults that any program can have.
begin() {
  PROGRAM=$1
  shift
  ARGS=$*
  case $ARGS in *[[:cntrl:]]*) ARGS='(control characters)' ;; esac
  LOCKED=
  trap 'interrupted INT 130' INT
  trap 'interrupted TERM 143' TERM
  trap 'interrupted HUP 129' HUP
  record begin - "$PROGRAM $ARGS"
  if fault takes; then long_pause "$FAULT"; fi
  if fault prints; then print_megabytes "$FAULT"; fi
  if fault hostile-output; then print_hostile; fi
}

# finish CODE: the last line of every invocation that was not killed outright.
finish() {
  trap - INT TERM HUP
  unlock
  case $1 in 0) record end 0 ok ;; *) record end "$1" "failed with exit code $1" ;; esac
  exit "$1"
}

interrupted() {
  trap - INT TERM HUP
  unlock
  record end "$2" "ended by $1"
  exit "$2"
}

lock() {
  tries=0
  until mkdir "$SANDBOX/lock" 2>/dev/null; do
    tries=$((tries + 1))
    holder=$(cat "$SANDBOX/lock/pid" 2>/dev/null)
    if [ "$tries" -gt 250 ] || { [ -n "$holder" ] && ! kill -0 "$holder" 2>/dev/null; }; then rm -rf "$SANDBOX/lock"; fi
    sleep 0.02
  done
  LOCKED=yes
  echo $$ >"$SANDBOX/lock/pid"
}

unlock() {
  if [ -n "$LOCKED" ]; then rm -rf "$SANDBOX/lock"; fi
  LOCKED=
}

# fault KIND [HOST]: true where that fault is set, for this program or for all; FAULT is its value.
fault() {
  for file in "$SANDBOX/faults/${2:-$HOST}/$1.$PROGRAM" "$SANDBOX/faults/${2:-$HOST}/$1"; do
    if [ -f "$file" ]; then
      FAULT=
      read -r FAULT <"$file" || :
      return 0
    fi
  done
  return 1
}

# long_pause MILLISECONDS: in small sleeps, and over at once when the sandbox folder is gone (L4).
long_pause() {
  clock
  pause_end=$((NOW + $1))
  while [ -f "$SANDBOX/executed.log" ] && [ "$NOW" -lt "$pause_end" ]; do
    sleep 0.1
    clock
  done
}

print_megabytes() {
  awk -v megabytes="$1" 'BEGIN {
    line = "a line of output that a talkative program prints "
    while (length(line) < 1023) line = line "."
    line = substr(line, 1, 1023)
    for (i = 0; i < megabytes * 1024; i++) print line
  }'
}

# Terminal codes, a mention, a closed code block, right-to-left override, a zero-width space and NUL.
print_hostile() {
  printf 'plain \033[31mred\033[0m \033]0;title\007 \033[2J\n'
  printf '<!channel> <@U00000001> &amp; *bold* ```\nafter the fence ```\n'
  printf 'bidi \342\200\256gnp.exe\342\200\254 zero\342\200\213width nul[\000] back\b\b\rreturn\n'
}

alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }
