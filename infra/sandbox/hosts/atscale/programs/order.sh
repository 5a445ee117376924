# shellcheck shell=sh disable=SC2034,SC2154
# The documented order, as an objection: OBJECTION is empty where the vendor's document allows the step, and a sentence otherwise.
# Stop: query engines, replica, leader, coordinator. Start: coordinator, former leader, former replica, query engines.
# A host that is to be replaced may be stopped by itself; a host that has been replaced never starts again.

object() { if [ -z "$OBJECTION" ]; then OBJECTION=$1; fi; }

# object_to_stop: about this host, under the lock. OWN_STATE is what it was in.
object_to_stop() {
  OBJECTION=
  clock
  read_leader
  host_state "$HOST"
  OWN_STATE=$HOST_STATE
  case $HOST_STATE in
    stopped) object "$HOST is stopped already" ;;
    stopping) object "another stop of $HOST is under way" ;;
    starting) if [ "$PHASE" = starting ]; then object "a start of $HOST is under way"; fi ;;
    activating | applying) object "a configuration of $HOST is under way" ;;
  esac
  if [ -f "$SANDBOX/state/$HOST/to-be-replaced" ]; then return; fi
  while read -r other other_role other_fqdn; do
    if [ "$other" != "$HOST" ]; then object_to_stop_before "$other" "$other_role"; fi
  done <"$HOSTS"
}

object_to_stop_before() {
  host_state "$1"
  case $HOST_STATE in
    stopped | absent | installed | broken) return ;;
    stopping) object "$1 is still stopping; one host at a time" ;;
    activating | applying) object "$1 is still being configured; one host at a time" ;;
  esac
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
  host_state "$HOST"
  case $HOST_STATE in
    running | failed) object "$HOST is started already" ;;
    starting) object "another start of $HOST is under way" ;;
    stopping) object "a stop of $HOST is under way" ;;
    activating | applying) object "a configuration of $HOST is under way" ;;
    broken) object "the activation of $HOST failed" ;;
  esac
  object_to_launch
}

# object_to_launch: whether the other hosts allow it that the services of this one come up.
object_to_launch() {
  read_leader
  if [ "$ROLE" = replaced ]; then object "$HOST has been replaced by another host"; fi
  while read -r other other_role other_fqdn; do
    if [ "$other" != "$HOST" ]; then object_to_start_after "$other" "$other_role"; fi
  done <"$HOSTS"
}

object_to_start_after() {
  host_state "$1"
  case $HOST_STATE in
    running) return ;;
    starting | activating | applying) object "$1 is still starting; one host at a time" ;;
  esac
  case $ROLE:$2 in
    engine:coordinator | query_engine:coordinator) object "coordinator $1 must be running before $HOST" ;;
    query_engine:engine) object "engine $1 must be running before query engine $HOST" ;;
    engine:engine) if [ "$1" = "$LEADER" ]; then object "$1, which was the leader, must be running before $HOST"; fi ;;
  esac
}

# tell_objection CODE: writes the violation down and says it.
tell_objection() {
  record violation "$1" "ORDER VIOLATION $PROGRAM on $HOST: $OBJECTION"
  echo "$PROGRAM: order violation: $OBJECTION" >&2
}

# objected: refuses where the sandbox is set to refuse.
objected() {
  tell_objection 3
  if [ "$ON_VIOLATION" = refuse ]; then finish 3; fi
}
