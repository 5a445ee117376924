#!/bin/sh
# Stand-in for the vendor's configurator.sh: makes an installed host part of the cluster (--activate) or gives a changed atscale.yaml to one that
# is part of it (--apply), and starts its services. It asks before it begins. An activation works once: whatever goes wrong, the host is broken.
. "$HOME/../sandbox.conf"
. "$SANDBOX/lib/sandbox.sh"
. "$SANDBOX/lib/phases.sh"
. "$SANDBOX/lib/order.sh"
. "$SANDBOX/lib/membership.sh"
FOLDER=$(cd "${0%/*}/.." && pwd -P)
VERSION=${FOLDER##*/}
PRODUCT=${FOLDER%/versions/*}
CONFIG=$PRODUCT/conf/atscale.yaml

# refuse CODE: an objection ends it. A refused activation breaks the host, unless something else is just being done there.
refuse() {
  drop_exchange
  tell_objection "$1"
  if [ "$MODE" = --activate ] && [ -z "$UNDER_WAY" ]; then break_host; fi
  finish "$1"
}

break_host() {
  write_phase broken
  fail_over
}

# fail WORDS: the same for what goes wrong in the middle.
fail() {
  echo "ERROR: $1" >&2
  if [ "$MODE" = --activate ]; then
    break_host
    echo 'ERROR: The activation failed. AtScale must be uninstalled from this host and installed again.' >&2
  else
    write_phase stopped
  fi
  finish 1
}

# ask QUESTION: ANSWER is one line, or empty at the end of the input.
ask() {
  if ! fault silent-prompt; then printf '%s' "$1"; fi
  record note - "asks: $1"
  ANSWER=
  read -r ANSWER || :
}

tell_configuration() {
  echo "AtScale configurator $VERSION"
  echo "Configuration read from $CONFIG:"
  listed_hosts "$CONFIG" | awk '{ printf "  %-14s%s\n", $1, $2 }'
  echo "This host: $FQDN"
}

# object_to_mode: about what this host is, under the lock.
object_to_mode() {
  clock
  host_state "$HOST"
  case $MODE:$HOST_STATE in
    --activate:installed | --apply:stopped) ;;
    --apply:absent | --apply:installed | --apply:broken) object "$HOST has never been activated" ;;
    --apply:running | --apply:failed | --apply:starting | --apply:halfway) object "AtScale must be stopped on $HOST first" ;;
    --activate:stopped | --activate:running | --activate:failed | --activate:halfway) object "$HOST is activated already" ;;
    *)
      UNDER_WAY=yes
      object "another start, stop or configuration of $HOST is under way"
      ;;
  esac
}

# step WORDS: one line of progress.
step() {
  printf '%s ... ' "$1"
  pause_for "$CONFIGURE_MS" 4
}

certificate() {
  step "Creating the certificate of $FQDN"
  if fault asks-more; then
    ask 'Overwrite the existing certificate? [y/N] '
    case $ANSWER in
      y) ;;
      n) printf 'kept, ' ;;
      *) fail 'no answer' ;;
    esac
  fi
  echo 'done'
}

configure() {
  step 'Checking the configuration'
  echo 'done'
  step 'Writing the settings of the services'
  echo 'done'
  certificate
  step 'Registering this host with the service registry'
  if fault activation-fails && [ "$MODE" = --activate ]; then fail "$FQDN cannot be registered: 503 Service Unavailable"; fi
  if fault apply-fails && [ "$MODE" = --apply ]; then fail "the settings of $FQDN cannot be updated: 503 Service Unavailable"; fi
  echo 'done'
}

begin configurator.sh "$@"
MODE=${1-} INCOMING= OBJECTION= UNDER_WAY=
case $#:$MODE in
  1:--activate) VERB=activating ;;
  1:--apply) VERB=applying ;;
  *)
    echo 'usage: configurator.sh --activate | --apply' >&2
    finish 2
    ;;
esac
if [ "${SANDBOX_USER:-$ACCOUNT}" != "$ACCOUNT" ]; then
  object "this must run as $ACCOUNT, not as $SANDBOX_USER"
  tell_objection 3
  finish 3
fi
clock
host_state "$HOST"
if [ "$MODE:$HOST_STATE" = --activate:broken ]; then
  object 'an activation of this host has failed before: a full reinstallation is needed'
  refuse 4
fi
if [ ! -f "$CONFIG" ]; then
  object "there is no $CONFIG"
  refuse 3
fi
tell_configuration
ask 'Do you want to apply this configuration? [y/n] '
record note - "answered: $(printf '%.20s' "$ANSWER" | tr -d '[:cntrl:]')"
if [ "$ANSWER" != y ]; then
  echo 'Nothing was changed.'
  finish 1
fi

lock
object_to_mode
object_to_file "$CONFIG"
exchange_hosts
object_to_launch
if [ -n "$OBJECTION" ]; then refuse 3; fi
keep_exchange
write_phase "$VERB 0 $$ $NOW"
began=$NOW
record note - "$VERB begins"
unlock

configure
if [ "$MODE" = --activate ]; then
  ln -s "versions/$VERSION" "$PRODUCT/current"
  ln -s current/bin "$PRODUCT/bin"
fi
echo 'Starting the services'
launch_services "$VERB" 0 "$began" || fail 'not every service could be started'
record note - "$VERB is through"
echo 'The configuration has been applied; the services need a while to be RUNNING.'
finish 0
