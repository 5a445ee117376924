# shellcheck shell=sh disable=SC2034,SC2154
# The state of every AtScale host, and who leads the database.

# read_phase HOST: PHASE and its numbers. Forms: stopped | stopping DONE PID | starting DONE PID BEGAN | up BEGAN READY.
read_phase() {
  PHASE= P1= P2= P3=
  read -r PHASE P1 P2 P3 <"$SANDBOX/state/$1/phase" || :
}

# write_phase WORDS: this host's phase (L2).
write_phase() {
  echo "$1" >"$SANDBOX/state/$HOST/phase.$$"
  mv -f "$SANDBOX/state/$HOST/phase.$$" "$SANDBOX/state/$HOST/phase"
}

read_leader() {
  LEADER= TIMELINE=
  read -r LEADER TIMELINE <"$SANDBOX/state/leader" || :
}

# host_state HOST: HOST_STATE is stopped, stopping, starting, halfway (a stop or start that died), failed or running.
host_state() {
  read_phase "$1"
  case $PHASE in
    stopped) HOST_STATE=stopped ;;
    stopping | starting) if alive "$P2"; then HOST_STATE=$PHASE; else HOST_STATE=halfway; fi ;;
    *)
      if [ "$NOW" -lt "${P2:-0}" ]; then HOST_STATE=starting; else HOST_STATE=running; fi
      if fault service-fatal "$1" || fault service-backoff "$1"; then HOST_STATE=failed; fi
      ;;
  esac
}

services_of() {
  case $1 in
    coordinator) SERVICES='agent coordinator egress ingress service_registry' ;;
    engine) SERVICES='agent engine patroni postgres' ;;
    *) SERVICES='agent engine' ;;
  esac
}
