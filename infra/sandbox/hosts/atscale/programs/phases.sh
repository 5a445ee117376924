# shellcheck shell=sh disable=SC2034,SC2154
# The state of every AtScale host, what it is in the cluster, and who leads the database.

HOSTS=$SANDBOX/hosts # lines of: name, role, FQDN

# read_phase HOST: PHASE and its numbers. Forms: absent | installed VERSION | broken | stopped | stopping DONE PID | up BEGAN READY
# and starting, activating and applying DONE PID BEGAN.
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

# read_self: ROLE and FQDN of this host. The role is coordinator, engine or query_engine of a member, replacement or replaced of any other.
read_self() {
  ROLE= FQDN=
  while read -r other other_role other_fqdn; do
    if [ "$other" = "$HOST" ]; then ROLE=$other_role FQDN=$other_fqdn; fi
  done <"$HOSTS"
}
read_self

# host_state HOST: HOST_STATE is absent (no AtScale there), installed (and never activated), broken (an activation that failed or died),
# stopped, stopping, starting, activating, applying, halfway (a stop or start that died), failed or running.
host_state() {
  read_phase "$1"
  case $PHASE in
    absent | installed | broken | stopped) HOST_STATE=$PHASE ;;
    activating) if alive "$P2"; then HOST_STATE=activating; else HOST_STATE=broken; fi ;;
    applying) if alive "$P2"; then HOST_STATE=applying; else HOST_STATE=stopped; fi ;;
    stopping | starting) if alive "$P2"; then HOST_STATE=$PHASE; else HOST_STATE=halfway; fi ;;
    *)
      if [ "$NOW" -lt "${P2:-0}" ]; then HOST_STATE=starting; else HOST_STATE=running; fi
      if fault service-fatal "$1" || fault service-backoff "$1"; then HOST_STATE=failed; fi
      ;;
  esac
}

# Patroni promotes the other engine when the leader goes and a replica still runs.
fail_over() {
  read_leader
  if [ "$HOST" != "$LEADER" ]; then return; fi
  while read -r other other_role other_fqdn; do
    if [ "$other_role" != engine ] || [ "$other" = "$HOST" ]; then continue; fi
    host_state "$other"
    if [ "$HOST_STATE" != running ]; then continue; fi
    echo "$other $((TIMELINE + 1))" >"$SANDBOX/state/leader.$$"
    mv -f "$SANDBOX/state/leader.$$" "$SANDBOX/state/leader"
    record note - "failover: $other is the leader now"
  done <"$HOSTS"
}

services_of() {
  case $1 in
    coordinator) SERVICES='agent coordinator egress ingress service_registry' ;;
    engine) SERVICES='agent engine patroni postgres' ;;
    *) SERVICES='agent engine' ;;
  esac
}

# pause_for MILLISECONDS PARTS: one part of that time.
pause_for() {
  part=$(($1 / $2))
  sleep "$((part / 1000)).$(printf %03d $((part % 1000)))"
}

# launch_services VERB DONE BEGAN: starts the services after the first DONE; meanwhile the phase is VERB. False where one does not start.
launch_services() {
  services_of "$ROLE"
  number=0 count=$(echo "$SERVICES" | wc -w)
  for service in $SERVICES; do
    number=$((number + 1))
    if [ "$number" -le "$2" ]; then continue; fi
    pause_for "$START_MS" "$count"
    if [ "$number" -eq 2 ] && fault start-fails; then
      echo "$service: ERROR (spawn error)" >&2
      return 1
    fi
    write_phase "$1 $number $$ $3"
    echo "$service: started"
  done
  clock
  write_phase "up $3 $((NOW + SETTLE_MS))"
}
