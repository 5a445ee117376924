# shellcheck shell=sh disable=SC2034,SC2154
# What the actions do once nothing is objected to. Each begins under the lock.

ACTIONS='cluster_generate_keys cluster_enter_master_mode cluster_enter_standalone_mode cluster_add_slaves cluster_replicate_postgres
cluster_kvstore_copy cluster_start_kafka_sync cluster_replicate_files enable_backupv2 disable_backupv2'
# shellcheck disable=SC2086
ACTIONS=$(echo $ACTIONS)

show() { echo "$1: $2%"; }

# halfway ACTION: where a copy breaks.
halfway() {
  if [ "$1" != cluster_replicate_postgres ] || ! fault postgres-replication-fails; then return; fi
  keep postgres failed
  echo 'pg_basebackup: error: could not read COPY data: server closed the connection unexpectedly' >&2
  echo "$1: failed" >&2
  finish 1
}

# A well-formed key of 2048 bits, new each time. Nobody logs in with it, so there is no private half.
do_cluster_generate_keys() {
  body=$({
    printf '\000\000\000\007ssh-rsa\000\000\000\003\001\000\001\000\000\001\001\000\303'
    dd if=/dev/urandom bs=255 count=1 2>/dev/null
  } | base64 | tr -d '\n')
  keep key "ssh-rsa $body alation@$HOST"
  forget remote-key
  forget remote-key "$PEER"
  echo 'Keys were generated.'
}

do_cluster_enter_master_mode() {
  configure alation.cluster.replication_mode master
  recall backup-v2-by-update
  if [ "$VALUE" != yes ]; then backup_v2 False; fi
  unlock
  restart_services
  echo "$HOST is in master mode."
}

do_cluster_enter_standalone_mode() {
  mode_of "$HOST"
  if [ "$MODE" = standalone ]; then
    echo "$HOST is in standalone mode already."
    return
  fi
  configure alation.cluster.replication_mode standalone
  configure alation.cluster.protected_instance True
  forget override-set
  forget kafka "$SECONDARY"
  copy_of postgres "$SECONDARY"
  if [ "$COPY" != none ]; then keep postgres stopped "$SECONDARY"; fi
  forget kvstore "$SECONDARY"
  unlock
  restart_services
  echo "$HOST is in standalone mode."
}

do_cluster_add_slaves() {
  if fault port-closed "$PEER"; then
    echo "cluster_add_slaves: $PEER_IP port $FAULT: connection refused" >&2
    finish 1
  fi
  configure alation.cluster.replication_mode slave "$PEER"
  forget postgres "$PEER"
  forget kvstore "$PEER"
  forget kafka "$PEER"
  unlock
  record note - "instance of $PEER deleted"
  echo "Adding $PEER_IP: its instance is deleted."
  echo 'Restarting PostgreSQL.'
  restart_services "$PEER"
  echo "$PEER_IP was added."
}

do_cluster_replicate_postgres() {
  keep postgres "copying $$"
  unlock
  record note - "postgres data of $HOST deleted"
  work cluster_replicate_postgres "$POSTGRES_MS"
  keep postgres replicating
  echo 'cluster_replicate_postgres: PostgreSQL is replicated.'
}

do_cluster_kvstore_copy() {
  keep kvstore "copying $$"
  unlock
  record note - "kvstore data of $HOST deleted"
  work cluster_kvstore_copy "$KVSTORE_MS"
  keep kvstore copied
  echo 'cluster_kvstore_copy: the KV store is copied.'
}

do_cluster_start_kafka_sync() {
  keep kafka syncing
  echo 'Event Bus synchronization was started.'
}

do_cluster_replicate_files() {
  if fault rsync-error; then
    echo 'rsync: connection unexpectedly closed (0 bytes received so far) [Receiver]' >&2
    echo 'rsync: read error: Connection reset by peer (104)' >&2
    echo 'rsync error: error in rsync protocol data stream (code 12) at io.c(226) [Receiver=3.1.2]' >&2
    echo 'rsync error: some files/attrs were not transferred (see previous errors) (code 23) at main.c(1660) [generator=3.1.2]' >&2
    finish 1
  fi
  for name in alation.backup_v2.enabled alation.backup.enabled pgsql.config.archive_mode pgsql.config.archive_command; do
    setting "$name" "$PEER"
    configure "$name" "$VALUE"
  done
  echo "Files were synchronized from $PEER_IP."
  echo "Configuration was synchronized from $PEER_IP."
}

do_enable_backupv2() {
  release_of "$HOST"
  if older "$RELEASE" 2020.3; then
    echo "enable_backupv2: Backup V2 came with release 2020.3, and this is $RELEASE" >&2
    finish 1
  fi
  backup_v2 True
  echo 'Backup V2 is enabled.'
}

do_disable_backupv2() {
  backup_v2 False
  echo 'Backup V2 is disabled.'
}
