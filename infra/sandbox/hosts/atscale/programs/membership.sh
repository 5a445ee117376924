# shellcheck shell=sh disable=SC2034,SC2154
# Which hosts atscale.yaml makes members of the cluster, and what is wrong with that, as an OBJECTION (order.sh).

# listed_hosts FILE: lines of section (coordinator, application, query_engine) and FQDN, as under `hosts:`.
listed_hosts() {
  awk '
    { sub(/[ \t]*#.*/, "") }
    /^[^ ]/ { inside = $0 == "hosts:" }
    inside && /^  [a-z_]+:$/ { section = substr($1, 1, length($1) - 1) }
    inside && /^ +- fqdn: / { print section, $3 }
  ' "$1"
}

# names_host FILE FQDN: whether any entry of the file names it.
names_host() { sed 's/#.*//' "$1" | tr -c 'A-Za-z0-9.-' '\n' | grep -Fqx -e "$2"; }

# section_of FQDN: SECTION in which LISTED has it, or nothing.
section_of() {
  SECTION=
  while read -r section listed; do
    if [ "$listed" = "$1" ]; then SECTION=$section; fi
  done <<LISTED
$LISTED
LISTED
}

section_for() {
  case $1 in
    engine) echo application ;;
    *) echo "$1" ;;
  esac
}

# object_to_file FILE: whether it is the leader's file, names this host, and fits the cluster. INCOMING and OUTGOING are the names of the new
# host and of the one in whose place it comes, or empty.
object_to_file() {
  INCOMING= OUTGOING=
  read_leader
  leaders=$SANDBOX/../$LEADER/opt/atscale/conf/atscale.yaml
  if [ "$HOST" != "$LEADER" ] && [ -f "$leaders" ] && [ "$(cksum <"$leaders")" != "$(cksum <"$1")" ]; then
    object "atscale.yaml differs from that of the database leader $LEADER"
  fi
  LISTED=$(listed_hosts "$1")
  section_of "$FQDN"
  if [ -z "$SECTION" ]; then object "atscale.yaml does not list this host, $FQDN"; fi
  while read -r name role fqdn; do object_to_entry "$1"; done <"$HOSTS"
  object_to_exchange
}

# object_to_entry FILE: about the host NAME, ROLE and FQDN just read.
object_to_entry() {
  section_of "$fqdn"
  if [ -z "$SECTION" ] && names_host "$1" "$fqdn"; then object "atscale.yaml names $name in some entries and not under hosts"; fi
  case $role in
    replaced) if [ -n "$SECTION" ]; then object "atscale.yaml still lists $name, which has been replaced"; fi ;;
    replacement) if [ -n "$SECTION" ]; then INCOMING="$INCOMING $name" INCOMING_SECTION=$SECTION; fi ;;
    *)
      if [ -z "$SECTION" ]; then
        OUTGOING="$OUTGOING $name" OUTGOING_ROLE=$role
      elif [ "$SECTION" != "$(section_for "$role")" ]; then
        object "atscale.yaml lists $name under $SECTION"
      fi
      ;;
  esac
}

object_to_exchange() {
  INCOMING=${INCOMING# } OUTGOING=${OUTGOING# }
  if [ -z "$INCOMING$OUTGOING" ]; then return; fi
  if [ -z "$INCOMING" ]; then object "atscale.yaml leaves out $OUTGOING and lists no new host in its place"; fi
  if [ -z "$OUTGOING" ]; then object "atscale.yaml lists $INCOMING and still lists every host that it could replace"; fi
  case "$INCOMING$OUTGOING" in *' '*) object 'atscale.yaml exchanges more than one host at a time' ;; esac
  if [ "$OUTGOING" = "$LEADER" ]; then object "$OUTGOING is the database leader, which is never the one that is replaced"; fi
  if [ "$INCOMING_SECTION" != "$(section_for "$OUTGOING_ROLE")" ]; then object "atscale.yaml lists $INCOMING under $INCOMING_SECTION"; fi
  while read -r name role fqdn; do
    host_state "$name"
    case $HOST_STATE in
      stopped | absent | installed | broken) ;;
      *) object "AtScale must be stopped on $name before another host takes the place of $OUTGOING" ;;
    esac
  done <"$HOSTS"
}

# exchange_hosts: writes the members as they are with INCOMING in the place of OUTGOING to a file of its own and reads on from there.
exchange_hosts() {
  if [ -z "$INCOMING" ]; then return; fi
  HOSTS=$SANDBOX/hosts.$$
  awk -v incoming="$INCOMING" -v outgoing="$OUTGOING" -v role="$OUTGOING_ROLE" '
    $1 == incoming { $2 = role }
    $1 == outgoing { $2 = "replaced" }
    { print }
  ' "$SANDBOX/hosts" >"$HOSTS"
  read_self
}

# keep_exchange, drop_exchange: makes it so for the whole cluster, or forgets it.
keep_exchange() {
  if [ -z "$INCOMING" ]; then return; fi
  mv -f "$HOSTS" "$SANDBOX/hosts"
  HOSTS=$SANDBOX/hosts
  record note - "member: $INCOMING takes the place of $OUTGOING"
}
drop_exchange() {
  if [ "$HOSTS" != "$SANDBOX/hosts" ]; then rm -f "$HOSTS"; fi
  HOSTS=$SANDBOX/hosts
}
