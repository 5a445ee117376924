/**
 * The part of the supervisor that deals with a command which asks: its standard input, the answers to it, and the clock that stands still
 * while a person thinks. It is sent only with the calls that need it, so a plain step pays nothing for it. See S10 to S13 in `supervisor.ts`.
 *
 * An answer is a file whose first line is `more` (a line follows), `last` (a line follows, then the end of the input) or `eof` (the end at once).
 */
export const answersText = String.raw`
k_open_input() {
  k_more
  { mkfifo -m 600 "$K.in"; } 2>/dev/null || return
  # Opened for both first: a pipe with one end alone would make the shell wait.
  exec 8<>"$K.in" 7<"$K.in" 9>"$K.in" 8<&-
  rm -f "$K.in"
  ( exec 7<&- </dev/null >/dev/null 2>&1; k_feed ) & K_FEED=$!
  exec 9>&-
  k_stat $K_FEED
  K_FED=$T_START
}
k_ask() {
  k_command 2>&1 <&7 7<&-; C=$?
  k_close_input
}
k_close_input() {
  exec 7<&-
  kill $K_FEED 2>/dev/null; wait $K_FEED 2>/dev/null
  k_clear_input
}
k_feed() {
  F_CHILD=
  trap '[ -z "$F_CHILD" ] || kill $F_CHILD; exit 0' HUP INT TERM
  k_ticks
  F_NEXT=1 F_TRIES=0
  while k_stat $$ && [ "$T_START" = "$K_START" ]; do
    if [ -e "$K.in.$F_NEXT" ]; then
      exec 4<"$K.in.$F_NEXT"
      IFS= read -r F_HOW <&4
      [ "$F_HOW" = eof ] || { cat <&4 >&9 & F_CHILD=$!; wait $F_CHILD; F_CHILD=; }
      exec 4<&-
      true >"$K.in.$F_NEXT"
      [ "$F_HOW" = more ] || return
      F_NEXT=$((F_NEXT + 1)) F_TRIES=0
    else
      F_TRIES=$((F_TRIES + 1))
      if [ $F_TRIES -lt 50 ]; then F_NAP=$K_NAP; else F_NAP=1; fi
      KEYTURN_ATTEMPT=none sleep $F_NAP 9>&- & F_CHILD=$!; wait $F_CHILD; F_CHILD=
    fi
  done
  k_clear_input
}
k_under_way() {
  k_read_go
  if [ "$G_WORD" = fenced ]; then k_say none; return 1; fi
  if [ -z "$G_WORD" ]; then if [ -e "$K.go" ]; then k_say lost unreadable; else k_say none; fi; return 1; fi
  if k_ended || [ -e "$K.gone" ] || [ -e "$K.why" ]; then k_say over; return 1; fi
  k_alive && return
  sleep 1
  if k_ended; then k_say over; else k_say_lost; fi
  return 1
}
k_keep() {
  ( umask 077; printf '%s\n' "$2" >"$1.$N" ) 2>/dev/null && ln "$1.$N" "$1" 2>/dev/null
  rm -f "$1.$N"
  [ -e "$1" ] || { k_say unwritable "$1"; return 1; }
}
k_give() {
  k_same_store || return
  [ -e "$K.in.$K_NUMBER" ] && { k_say given; return; }
  k_under_way || return
  [ "@{G_FEED:--}" = - ] && { k_say deaf; return; }
  { k_stat "$G_FEED" && [ "$T_START" = "$G_FED" ]; } || { k_say over; return; }
  k_keep "$K.in.$K_NUMBER" "$K_ANSWER" || return
  if k_ended && [ -s "$K.in.$K_NUMBER" ]; then rm -f "$K.in.$K_NUMBER"; k_say over; else k_say given; fi
}
k_hold() {
  k_same_store && k_under_way || return
  k_paused
  [ -z "$K_HELD" ] && { k_keep "$K.hold.$T_NEXT" "@{UP%.*}" || return; }
  if [ -e "$K.why" ]; then k_say over; else k_say held; fi
}
k_release() {
  k_same_store && k_under_way || return
  k_paused
  [ -n "$K_HELD" ] && { k_keep "$K.free.$K_HELD" "@{UP%.*}" || return; }
  k_say released
}
`.replaceAll('@{', '${');
