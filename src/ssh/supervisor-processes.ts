/** The part of the supervisor that looks at processes and ends them. Linux tells through /proc without a fork; elsewhere `ps` does. */
export const statText = `
K_PROC=; [ -r /proc/self/stat ] && K_PROC=1
k_stat() {
  T_LINE=
  if [ -n "$K_PROC" ]; then
    { IFS= read -r T_LINE
      case $T_LINE in *') '*) ;; *) IFS= read -r T_MORE; T_LINE="$T_LINE $T_MORE" ;; esac
    } 2>/dev/null <"/proc/$1/stat"
    set -- @{T_LINE##*') '}
    [ $# -ge 20 ] || return 1
    T_STATE=$1 T_PARENT=$2 T_SESSION=$4
    shift 18; T_START=$2
  else
    set -- $(ps -o stat= -o ppid= -o pgid= -o lstart= -p "$1" 2>/dev/null)
    [ $# -ge 4 ] || return 1
    T_STATE=$1 T_PARENT=$2 T_SESSION=$3
    shift 3; T_START=$(printf '%s_' "$@")
  fi
  case $T_STATE in Z* | X*) return 1 ;; esac
}
k_self_time() {
  k_stat $$
  K_START=$T_START K_SESSION=$T_SESSION
  case $K_SESSION in $$ | $PPID) ;; *) K_SESSION=- ;; esac
}
`.replaceAll('@{', '${');

/**
 * Who belongs to an attempt: see S5 in `supervisor.ts`. Its session may be older than it, so only what began with it counts.
 * The `grep -F` of BusyBox reads an environment only up to its first NUL, hence the second way of `k_environs`.
 */
export const processText = String.raw`
k_read_go() {
  G_WORD=; { read -r G_WORD G_PID G_START G_BOOT G_SESSION G_PARENT G_TIMER G_NOW G_UP G_TIMEOUT G_GRACE G_SEQ G_FEED G_FED <"$K.go"; } 2>/dev/null
}
k_alive() { [ "$G_BOOT" = "$K_BOOT" ] && k_stat "$G_PID" && [ "$T_START" = "$G_START" ]; }
k_sort() {
  case $T_PID in "$G_PID" | "$G_PARENT" | "$G_TIMER" | "$G_FEED" | "$K_SELF" | $$) return ;; esac
  k_stat "$T_PID" || return
  case $T_PARENT in "$K_SELF" | "$G_TIMER" | "$G_FEED") return ;; esac
  T_MARK=; case $K_MARKED in *" /proc/$T_PID/environ "*) T_MARK=1 ;; esac
  if [ -n "$T_MARK" ]; then
    if [ "$T_SESSION" = "$G_SESSION" ] || [ "$G_SESSION" = - ]; then K_IN="$K_IN $T_PID"; else K_OUT="$K_OUT $T_PID"; fi
    return
  fi
  [ "$T_SESSION" = "$G_SESSION" ] && [ -n "$G_ALIVE" ] || return
  case $K_OTHERS in *" /proc/$T_PID/environ "*) return ;; esac
  [ -n "$K_PROC" ] && [ "$T_START" -lt "$G_SINCE" ] && return
  K_IN="$K_IN $T_PID"
}
k_environs() {
  if printf 'a\0b' | grep -F b >/dev/null; then grep -l -F "$1" /proc/[0-9]*/environ; return; fi
  head -v -c 1000000 /proc/[0-9]*/environ | tr '\0' '\n' | grep -e '^==> ' -e "$1" | while IFS= read -r L; do
    case $L in '==> '*) T_FILE=@{L#==> }; T_FILE=@{T_FILE% <==} ;; *"$1"*) printf '%s\n' "$T_FILE" ;; esac
  done
} 2>/dev/null
k_scan() {
  K_IN= K_OUT= G_ALIVE= K_MARKED= K_OTHERS=
  [ "$G_BOOT" = "$K_BOOT" ] || return 0
  k_alive && G_ALIVE=1
  if [ -n "$K_PROC" ]; then
    G_SINCE=$((@{G_UP%.*} * 100 + 1@{G_UP#*.} - 102))
    K_OTHERS=" $(k_environs 'KEYTURN_ATTEMPT=' | tr '\n' ' ')"
    K_MARKED=" $(k_environs "KEYTURN_ATTEMPT=$K_ID;" | tr '\n' ' ')"
    for T_PID in /proc/[0-9]*; do T_PID=@{T_PID#/proc/}; k_sort; done
  else
    for T_PID in $(ps -A -o pid=); do k_sort; done
  fi
  return 0
}
k_self() { { read -r K_SELF K_REST </proc/self/stat; } 2>/dev/null || K_SELF=$(exec sh -c 'echo $PPID'); }
k_ticks() { if KEYTURN_ATTEMPT=none sleep 0.01 2>/dev/null; then K_NAP=0.2 K_TICKS=5; else K_NAP=1 K_TICKS=1; fi; }
k_name() { { IFS= read -r T_NAME <"/proc/$1/comm"; } 2>/dev/null || T_NAME=$(ps -o comm= -p "$1" 2>/dev/null); }
k_write_left() {
  { for T_PID in $K_IN; do k_name "$T_PID"; printf 'remaining %s %s\n' "$T_PID" "$T_NAME"; done
    for T_PID in $K_OUT; do k_name "$T_PID"; printf 'detached %s %s\n' "$T_PID" "$T_NAME"; done
  } >"$K.left.$N.$K_SELF" && mv -f "$K.left.$N.$K_SELF" "$K.left"
}
k_say_left() { [ -e "$K.left" ] && while IFS= read -r L; do k_say left "$L"; done <"$K.left"; }
k_stop() {
  ( set -C; printf '%s\n' "$1" >"$K.why" ) 2>/dev/null
  k_self; k_ticks; k_scan
  for T_PID in $K_IN; do kill -TERM "$T_PID"; kill -CONT "$T_PID"; done 2>/dev/null
  K_TRIES=$(($2 * K_TICKS))
  while [ -n "$K_IN" ] && [ $K_TRIES -gt 0 ]; do sleep $K_NAP; K_TRIES=$((K_TRIES - 1)); k_scan; done
  K_TRIES=$((5 * K_TICKS))
  while [ -n "$K_IN" ] && [ $K_TRIES -gt 0 ]; do
    for T_PID in $K_IN; do kill -KILL "$T_PID"; done 2>/dev/null
    sleep $K_NAP; K_TRIES=$((K_TRIES - 1)); k_scan
  done
  k_write_left
}
`.replaceAll('@{', '${');
