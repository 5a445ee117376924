# shellcheck shell=sh disable=SC2034,SC2154
# The documented order, as an objection: OBJECTION is empty where the vendor's document allows the step, and a sentence otherwise.
# Stop: query engines, replica, leader, coordinator. Start: coordinator, former leader, former replica, query engines.

object() { if [ -z "$OBJECTION" ]; then OBJECTION=$1; fi; }

# object_to_stop: about this host, under the lock.
object_to_stop() {
  OBJECTION=
  clock
  read_leader
  host_state "$HOST"
  case $HOST_STATE in
    stopped) object "$HOST is stopped already" ;;
    stopping) object "another stop of $HOST is under way" ;;
    starting) if [ "$PHASE" = starting ]; then object "a start of $HOST is under way"; fi ;;
  esac
  while read -r other other_role other_member; do
    if [ "$other" != "$HOST" ]; then object_to_stop_before "$other" "$other_role"; fi
  done <"$SANDBOX/hosts"
}

object_to_stop_before() {
  host_state "$1"
  if [ "$HOST_STATE" = stopped ]; then return; fi
  if [ "$HOST_STATE" = stopping ]; then object "$1 is still stopping; one host at a time"; fi
  case $ROLE:$2 in
    engine:query_engine | coordinator:query_engine) object "query engine $1 must be stopped before $HOST" ;;
    engine:engine) if [ "$HOST" = "$LEADER" ]; then object "replica $1 must be stopped before the leader $HOST"; fi ;;
    coordinator:engine) object "engine $1 must be stopped before the coordinator $HOST" ;;
  esac
}

# object_to_start: about this host, under the lock.
object_to_start() {
  OBJECTION=
  clock
  read_leader
  host_state "$HOST"
  case $HOST_STATE in
    running | failed) object "$HOST is started already" ;;
    starting) object "another start of $HOST is under way" ;;
    stopping) object "a stop of $HOST is under way" ;;
  esac
  while read -r other other_role other_member; do
    if [ "$other" != "$HOST" ]; then object_to_start_after "$other" "$other_role"; fi
  done <"$SANDBOX/hosts"
}

object_to_start_after() {
  host_state "$1"
  if [ "$HOST_STATE" = running ]; then return; fi
  if [ "$HOST_STATE" = starting ]; then object "$1 is still starting; one host at a time"; fi
  case $ROLE:$2 in
    engine:coordinator | query_engine:coordinator) object "coordinator $1 must be running before $HOST" ;;
    query_engine:engine) object "engine $1 must be running before query engine $HOST" ;;
    engine:engine) if [ "$1" = "$LEADER" ]; then object "$1, which was the leader, must be running before $HOST"; fi ;;
  esac
}

# objected: writes the violation down; refuses where the sandbox is set to refuse.
objected() {
  record violation 3 "ORDER VIOLATION $PROGRAM on $HOST: $OBJECTION"
  echo "$PROGRAM: order violation: $OBJECTION" >&2
  if [ "$ON_VIOLATION" = refuse ]; then finish 3; fi
}
