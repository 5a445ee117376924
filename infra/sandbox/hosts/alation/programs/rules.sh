# shellcheck shell=sh disable=SC2034,SC2154
# What the documents order or warn of, as objections: OBJECTION is empty where they allow the step, and says the rule otherwise.
# Sources: "Set Up High Availability" and "Update HA Pair with Cluster Splitting".

object() { if [ -z "$OBJECTION" ]; then OBJECTION=$1; fi; }

# refuse_if_objected: writes the violation down and ends; nothing else has happened.
refuse_if_objected() {
  if [ -z "$OBJECTION" ]; then return; fi
  record violation 3 "ORDER VIOLATION $PROGRAM on $HOST: $OBJECTION"
  echo "$PROGRAM: order violation: $OBJECTION" >&2
  finish 3
}

mode_of() {
  setting alation.cluster.replication_mode "$1"
  MODE=$VALUE
}

only_on() { if [ "$ROLE" != "$1" ]; then object "$2 belongs on the $1, and $HOST is the $ROLE"; fi; }

no_copy_under_way() {
  for at in "$HOST" "$PEER"; do
    for what in postgres kvstore; do
      copy_of "$what" "$at"
      if [ "$COPY" = copying ]; then object "a $what copy is under way on $at"; fi
    done
  done
}

both_standalone() {
  for at in "$HOST" "$PEER"; do
    mode_of "$at"
    if [ "$MODE" != standalone ]; then object "$at is still part of a cluster (its mode is $MODE); $1"; fi
  done
}

rule_cluster_generate_keys() { both_standalone 'its keys are in use'; }

rule_replication_helper() {
  recall key
  if [ -z "$VALUE" ]; then object "keys must be generated first (cluster_generate_keys)"; fi
}

rule_cluster_enter_master_mode() {
  only_on primary 'master mode'
  for at in "$HOST" "$PEER"; do
    recall remote-key "$at"
    if [ -z "$VALUE" ]; then object "keys must be exchanged on both hosts first, and $at has none of its partner (replication_helper)"; fi
  done
  mode_of "$HOST"
  if [ "$MODE" = master ]; then object "$HOST is in master mode already"; fi
}

rule_cluster_enter_standalone_mode() { no_copy_under_way; }

rule_cluster_add_slaves() {
  only_on primary 'adding the secondary'
  mode_of "$HOST"
  if [ "$MODE" != master ]; then object "the primary must be in master mode first (cluster_enter_master_mode)"; fi
  mode_of "$PEER"
  if [ "$MODE" != standalone ]; then object "$PEER is added already"; fi
  setting alation.cluster.protected_instance "$PEER"
  if [ "$VALUE" != False ]; then object "instance protection of $PEER is still on (alation.cluster.protected_instance = $VALUE)"; fi
  rule_same_machines
  release_of "$HOST"
  if older "$RELEASE" 2020.4; then return; fi
  rule_override_ip "$HOST" "$IP"
  rule_override_ip "$PEER" "$PEER_IP"
}

rule_same_machines() {
  release_of "$HOST"
  own=$RELEASE
  release_of "$PEER"
  if [ "$RELEASE" != "$own" ]; then object "both hosts must run the same version: $HOST has $own, $PEER has $RELEASE"; fi
  sizes_of "$HOST"
  own=$DATA_KB:$INSTALL_KB
  sizes_of "$PEER"
  if [ "$DATA_KB:$INSTALL_KB" != "$own" ]; then
    object "the partitions of both hosts must have the same sizes: data and installation have $own KB on $HOST, $DATA_KB:$INSTALL_KB KB on $PEER"
  fi
}

# rule_override_ip HOST ITS-IP: both settings, made anew for this cluster.
rule_override_ip() {
  setting alation.cluster.override_ip "$1"
  if [ -z "$VALUE" ]; then object "from 2020.4 on alation.cluster.override_ip must be set first, and is not on $1"; fi
  if [ "$VALUE" != "$2" ]; then object "alation.cluster.override_ip of $1 must be its own address $2, and is $VALUE"; fi
  setting alation.cluster.enable_override_ip "$1"
  if [ "$VALUE" != True ]; then object "from 2020.4 on alation.cluster.enable_override_ip must be True first, and is not on $1"; fi
  recall override-set "$1"
  if [ "$VALUE" != yes ]; then object "alation.cluster.override_ip of $1 was not set again since the cluster was split"; fi
}

# rule_of_setting NAME VALUE: what must not be set, or not now.
rule_of_setting() {
  case $1 in
    alation.backup_v2.enabled | pgsql.config.archive_*) object "$1 is not set by hand (enable_backupv2, disable_backupv2)" ;;
    alation.cluster.protected_instance)
      if [ "$2" = False ] && [ "$ROLE" = primary ]; then object "the protection of the primary must stay on: its data would be deleted"; fi
      ;;
    alation.cluster.*override_ip)
      mode_of "$SECONDARY"
      if [ "$MODE" = slave ]; then object "$1 must be set before the secondary is added"; fi
      ;;
  esac
}

rule_copy() {
  only_on secondary "$1"
  mode_of "$HOST"
  if [ "$MODE" != slave ]; then object "the primary must add $HOST first (cluster_add_slaves)"; fi
}

rule_cluster_replicate_postgres() {
  rule_copy 'the replication of Postgres'
  no_copy_under_way
}

rule_cluster_kvstore_copy() {
  rule_copy 'the copy of the KV store'
  no_copy_under_way
}

rule_cluster_start_kafka_sync() {
  release_of "$HOST"
  if older "$RELEASE" 2021.4; then object "the Event Bus is synchronized from release 2021.4 on, and this is $RELEASE"; fi
  rule_copy 'the synchronization of the Event Bus'
  copied postgres replicating cluster_replicate_postgres
  copied kvstore copied cluster_kvstore_copy
}

rule_cluster_replicate_files() {
  rule_copy 'the replication of files'
  copied postgres replicating cluster_replicate_postgres
}

# copied KEY WORD ACTION: that copy on the secondary is done.
copied() {
  copy_of "$1" "$SECONDARY"
  if [ "$COPY" != "$2" ]; then object "$3 on $SECONDARY comes first (its $1 is $COPY)"; fi
}

rule_enable_backupv2() {
  mode_of "$HOST"
  if [ "$MODE" = slave ]; then object "backups are the primary's"; fi
  if [ "$MODE" != master ]; then return; fi
  copied postgres replicating cluster_replicate_postgres
  copied kvstore copied cluster_kvstore_copy
}

rule_disable_backupv2() {
  mode_of "$HOST"
  if [ "$MODE" = slave ]; then object "backups are the primary's"; fi
}

# rule_update RELEASE: an update of this host to that release.
rule_update() {
  both_standalone 'the pair is split before an update (cluster_enter_standalone_mode)'
  recall version "$SECONDARY"
  if [ "$ROLE" = primary ] && older "$VALUE" "$1"; then object "the secondary is updated before the primary, and $SECONDARY has $VALUE"; fi
  recall version
  from=$VALUE
  if older "$from" 2020.4 && ! older "$1" 2020.4; then
    recall reindexed "$PRIMARY"
    if [ "$VALUE" != yes ]; then object "the pre-upgrade reindexing script must have run on $PRIMARY before an update from $from to $1"; fi
  fi
  if older "$from" 2021.1 && ! older "$1" 2021.1 && ! { older 2020.3.999999 "$from" && older "$1" 2021.2; }; then
    recall keys-rotated "$PRIMARY"
    if [ "$VALUE" != yes ]; then object "the keys must have been rotated on $PRIMARY before an update from $from to $1"; fi
  fi
}
