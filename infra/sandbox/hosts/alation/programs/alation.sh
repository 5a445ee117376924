# shellcheck shell=sh disable=SC2034,SC2154
# What the stand-ins of Alation share beside sandbox.sh: the state and the settings of both hosts, releases, and work that takes long.
# Sourced by the programs, never run. POSIX only.
#
# Invariants
#   P1  a state file is one line and is replaced by rename, so a reader sees the old or the new state and nothing between.
#   P2  judging the order and taking the new state happen under one lock, and no long work is done under it.
#   P3  progress is written down before it is printed: it needs nobody who listens.
#   P4  what takes long ends by itself when the sandbox is closed.

. "$PRODUCT/conf/sandbox.conf"
. "$PRODUCT/lib/sandbox.sh"

# recall KEY [HOST]: VALUE, empty where nothing is kept.
recall() {
  VALUE=
  if [ -f "$SANDBOX/state/${2:-$HOST}/$1" ]; then IFS= read -r VALUE <"$SANDBOX/state/${2:-$HOST}/$1" || :; fi
}

# keep KEY VALUE [HOST] (P1).
keep() {
  printf '%s\n' "$2" >"$SANDBOX/state/${3:-$HOST}/.new.$$"
  mv -f "$SANDBOX/state/${3:-$HOST}/.new.$$" "$SANDBOX/state/${3:-$HOST}/$1"
}

# forget KEY [HOST]
forget() { rm -f "$SANDBOX/state/${2:-$HOST}/$1"; }

# setting NAME [HOST]: VALUE of that alation_conf name.
setting() { recall "conf/$1" "${2:-$HOST}"; }

# configure NAME VALUE [HOST]
configure() { keep "conf/$1" "$2" "${3:-$HOST}"; }

# older A B: whether release A is before release B, by the numbers between the dots.
older() {
  awk -v a="$1" -v b="$2" 'BEGIN {
    split(a, x, "."); split(b, y, ".")
    for (i = 1; i <= 4; i++) { if (x[i] + 0 < y[i] + 0) exit 0; if (x[i] + 0 > y[i] + 0) exit 1 }
    exit 1
  }'
}

# release_of HOST: RELEASE that runs there, as it says itself.
release_of() {
  recall version "$1"
  RELEASE=$VALUE
  if fault different-version "$1"; then RELEASE=$FAULT; fi
}

# sizes_of HOST: DATA_KB and INSTALL_KB, the sizes of its two partitions.
sizes_of() {
  recall install_kb "$1"
  INSTALL_KB=$VALUE
  recall data_kb "$1"
  DATA_KB=$VALUE
  if fault different-sizes "$1"; then DATA_KB=$FAULT; fi
}

# runs PID: whether that process lives. One that nobody has collected yet does not.
runs() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }

# copy_of KEY [HOST]: COPY is none, copying, interrupted, failed, stopped, or the word for "done" (replicating, copied).
copy_of() {
  recall "$1" "${2:-$HOST}"
  COPY=${VALUE:-none}
  case $COPY in
    'copying '*) if runs "${COPY#* }"; then COPY=copying; else COPY=interrupted; fi ;;
  esac
}

# backup_v2 True|False [HOST]: the flag and what hangs on it.
backup_v2() {
  configure alation.backup_v2.enabled "$1" "${2:-$HOST}"
  configure pgsql.config.archive_mode "$1" "${2:-$HOST}"
  archive=
  if [ "$1" = True ]; then archive=$ARCHIVE_COMMAND; fi
  configure pgsql.config.archive_command "$archive" "${2:-$HOST}"
}

need_root() {
  if [ "${SANDBOX_ROOT-}" = 1 ]; then return; fi
  echo "$PROGRAM: must be run as root (sudo)" >&2
  finish 1
}

# need_shell: these programs exist in the Alation shell only.
need_shell() {
  if [ "${ALATION_SHELL-}" = 1 ]; then return; fi
  OBJECTION="it runs in the Alation shell only (sudo /etc/init.d/alation shell)"
  refuse_if_objected
}

# restart_services [HOST]: stopped ones stay stopped.
restart_services() {
  recall services "${1:-$HOST}"
  if [ "$VALUE" != running ]; then return; fi
  record note - "services of ${1:-$HOST} restart"
  echo "Restarting the Alation services on ${1:-$HOST}."
  long_pause "$RESTART_MS"
}

# work TITLE MILLISECONDS: takes that long, in twentieths. The program's own `show` tells each, its `halfway` is called in the middle (P3).
work() {
  total=$2 percent=0
  if fault "slow.$1" || fault slow; then total=$((FAULT * 1000)); fi
  nap=$(awk -v ms="$total" 'BEGIN { s = ms / 20000; printf "%.3f", (s > 0.1 ? 0.1 : s) }')
  clock
  work_began=$NOW
  keep progress "$1 0"
  record note - "$1 is under way"
  while [ "$percent" -lt 100 ]; do
    percent=$((percent + 5))
    until [ "$NOW" -ge $((work_began + total * percent / 100)) ]; do
      if [ ! -f "$SANDBOX/open" ]; then interrupted TERM 143; fi
      sleep "$nap"
      clock
    done
    keep progress "$1 $percent"
    show "$1" "$percent"
    if [ "$percent" -eq 50 ]; then halfway "$1"; fi
  done
}
