/**
 * The part of the supervisor that deals with a command which asks: its standard input, the answers to it, and the clock that stands still
 * while a person thinks. It is sent only with the calls that need it, so a plain step pays nothing for it. See S10 to S13 in `supervisor.ts`.
 *
 * An answer may hold only as long as the output has so many bytes: those of the prompt at which a person answered it. The feeder looks at that
 * itself, between opening the answer and writing it: nothing nearer to the tool can. Other answers are only kept from being handed over by
 * whoever has not heard everything yet.
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
    if [ ! -e "$K.in.$F_NEXT" ]; then k_doze; continue; fi
    exec 4<"$K.in.$F_NEXT"
    IFS= read -r F_HOW <&4
    if k_went_on; then
      exec 4<&-
      if { true >"$K.not.$F_NEXT"; } 2>/dev/null; then k_fed; else k_doze; fi
      continue
    fi
    [ "$F_HOW" = eof ] || { cat <&4 >&9 & F_CHILD=$!; wait $F_CHILD; F_CHILD=; }
    exec 4<&-
    k_fed
    [ "$F_HOW" = more ] || return
  done
  k_clear_input
}
k_fed() { true >"$K.in.$F_NEXT"; F_NEXT=$((F_NEXT + 1)) F_TRIES=0; }
k_doze() {
  F_TRIES=$((F_TRIES + 1))
  if [ $F_TRIES -lt 50 ]; then F_NAP=$K_NAP; else F_NAP=1; fi
  KEYTURN_ATTEMPT=none sleep $F_NAP 9>&- & F_CHILD=$!; wait $F_CHILD; F_CHILD=
}
k_went_on() {
  [ -e "$K.in.$F_NEXT.at" ] || return 1
  F_AT=; { read -r F_AT <"$K.in.$F_NEXT.at"; } 2>/dev/null
  k_size; [ "$Z" != "$F_AT" ]
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
  [ -e "$K.in.$K_NUMBER" ] || k_hand_over || return
  [ -z "$K_AT" ] || k_decided || return
  if [ -e "$K.not.$K_NUMBER" ]; then k_say wentOn; else k_say given; fi
}
k_hand_over() {
  k_under_way || return
  [ "@{G_FEED:--}" = - ] && { k_say deaf; return 1; }
  { k_stat "$G_FEED" && [ "$T_START" = "$G_FED" ]; } || { k_say over; return 1; }
  if [ -n "$K_HEARD" ]; then k_size; [ "$Z" = "$K_HEARD" ] || { k_say behind; return 1; }; fi
  [ -z "$K_AT" ] || k_keep "$K.in.$K_NUMBER.at" "$K_AT" || return
  k_keep "$K.in.$K_NUMBER" "$K_ANSWER" || return
  if k_ended && [ -s "$K.in.$K_NUMBER" ]; then rm -f "$K.in.$K_NUMBER"; k_say over; return 1; fi
}
k_decided() {
  k_ticks; K_TRIES=$((3 * K_TICKS))
  while [ -s "$K.in.$K_NUMBER" ] && [ $K_TRIES -gt 0 ]; do sleep $K_NAP; K_TRIES=$((K_TRIES - 1)); done
  [ -s "$K.in.$K_NUMBER" ] || return 0
  k_under_way && k_say waiting
  return 1
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
