/** The part of the supervisor that another channel uses on an attempt: follow on, look, cancel, forget. */
export const followText = String.raw`
k_ended() {
  E_DOT=; { read -r E_WORD E_WHY E_STATUS E_NOW E_UP E_UNTIL E_DOT <"$K.end"; } 2>/dev/null
  [ "$E_WORD" = end ] && [ "$E_DOT" = . ]
}
k_fence() { k_mkdir "$K_DIR"; ( set -C; printf 'fenced\n' >"$K.go" ) 2>/dev/null; }
k_rejoin() {
  k_ticks; K_TRIES=$((2 * K_TICKS))
  until [ -s "$K.go" ]; do
    if [ $K_TRIES -le 0 ]; then
      k_fence && { k_say fenced; return; }
      [ -s "$K.go" ] || { k_say lost unreadable; return; }
    fi
    sleep $K_NAP; K_TRIES=$((K_TRIES - 1))
  done
  k_follow
}
k_watch() {
  k_same_store || return
  if [ -e "$K.go" ]; then k_rejoin; else k_say none; fi
}
k_paused() {
  k_uptime
  Q=0 T_NEXT=1 K_HELD=
  while { read -r T_FROM <"$K.hold.$T_NEXT"; } 2>/dev/null; do
    K_HELD=
    { read -r T_TO <"$K.free.$T_NEXT"; } 2>/dev/null || T_TO=@{UP%.*} K_HELD=$T_NEXT
    Q=$((Q + T_TO - T_FROM)) T_NEXT=$((T_NEXT + 1))
  done
}
k_past() { [ @{UP%.*} -ge "$1" ] && [ ! -e "$K.why" ] && k_paused && [ @{UP%.*} -ge $(($1 + Q)) ]; }
k_overdue() {
  k_uptime
  k_past $((@{G_UP%.*} + G_TIMEOUT + G_GRACE + 21)) && k_stop timedOut "$G_GRACE"
}
k_clear_input() {
  for T_FILE in "$K".in.*; do
    case @{T_FILE#"$K.in."} in
      *[!0-9]*) rm -f "$T_FILE" ;;
      *) [ -s "$T_FILE" ] && true >"$T_FILE" ;;
    esac
  done
}
k_size() { Z=$(wc -c 2>/dev/null <"$K.out"); Z=$((Z)); }
k_copy() {
  k_size
  [ $Z -gt $P ] || return 0
  tail -c +$((P + 1)) "$K.out" | head -c $((Z - P)) || return 1
  P=$Z
}
k_follow() {
  k_read_go
  case $G_WORD in fenced) k_say fenced; return ;; go) ;; *) k_say lost unreadable; return ;; esac
  [ -e "$K.gone" ] && { k_say forgotten; return; }
  true >"$K.live"
  k_ticks
  printf '%s %s\n' "$N" "$K_FROM"
  k_say running "$G_PID $G_NOW $G_UP"
  P=$K_FROM K_TRIES=0
  while :; do
    X=
    if k_ended; then X=end
    elif k_alive; then k_overdue
    else sleep $K_NAP; if k_ended; then X=end; else X=lost; fi
    fi
    Y=$P
    k_copy || exit 1
    case $X in
      end) k_say_left; k_say "end $E_WHY $E_STATUS $E_NOW $E_UP $E_UNTIL" "$P"; exit 0 ;;
      lost) k_say_lost; exit 0 ;;
    esac
    K_TRIES=$((K_TRIES + 1))
    [ $((K_TRIES % 5)) = 0 ] && { k_say beat "$P" || exit 1; }
    if [ $((P - Y)) -gt 1000000 ]; then :; elif [ $K_TRIES -lt 50 ]; then sleep $K_NAP; else sleep 1; fi
  done
}
k_say_lost() {
  k_clear_input
  if [ "$G_BOOT" != "$K_BOOT" ]; then k_say lost rebooted; return; fi
  k_self; k_scan; k_write_left; k_say_left
  k_say lost gone
}
k_look() {
  k_same_store || return
  k_read_go
  if [ "$G_WORD" = fenced ]; then k_say look fenced
  elif [ -e "$K.gone" ] || k_ended; then k_say look done
  elif [ -z "$G_WORD" ]; then if [ -e "$K.end" ]; then k_say look claimed; else k_say look none; fi
  elif k_alive; then k_say look running
  elif sleep 1; k_ended; then k_say look done
  else k_say_lost
  fi
}
k_cancel() {
  k_same_store || return
  k_fence && { k_say fenced; return; }
  k_read_go
  if [ "$G_WORD" = fenced ]; then k_say fenced; return; fi
  if [ -z "$G_WORD" ]; then if [ -e "$K.go" ]; then k_say lost unreadable; else k_say unwritable "$K_DIR"; fi; return; fi
  if k_ended; then k_say over; return; fi
  if [ "$G_BOOT" != "$K_BOOT" ]; then k_say lost rebooted; return; fi
  k_stop cancelled "$K_GRACE"
  K_TRIES=50
  while k_alive && ! k_ended && [ $K_TRIES -gt 0 ]; do sleep $K_NAP; K_TRIES=$((K_TRIES - 1)); done
  k_uptime
  k_ended || k_alive || { printf 'end %s .\n' "cancelled 143 $G_NOW $G_UP $UP" 1<>"$K.end"; k_clear_input; } 2>/dev/null
  k_ended && [ "$E_WHY" = finished ] && { k_say over; return; }
  k_say_left
  k_say stopped
}
k_forget() {
  k_read_go
  [ "$G_WORD" = go ] && ! k_ended && k_alive && { k_say look running; return; }
  [ -d "$K_DIR" ] && true >"$K.gone" && k_fence
  rm -f "$K.out" "$K.left" "$K.live" "$K.in" "$K".in.* "$K".not.* "$K".hold.* "$K".free.*
  k_say forgotten
}
k_end_session() {
  G_PID=$1 G_START=$2 G_SESSION=$1 G_BOOT=$K_BOOT G_PARENT= G_TIMER= G_UP=0.00 K_ID=- K_TRIES=10
  k_self
  k_ticks
  while k_stat "$1" && [ "$T_START" = "$2" ] && [ $K_TRIES -gt 0 ]; do
    k_scan
    for T_PID in $K_IN "$1"; do kill -KILL "$T_PID"; done 2>/dev/null
    sleep $K_NAP; K_TRIES=$((K_TRIES - 1))
  done
  k_say stopped
}
`.replaceAll('@{', '${');
