# shellcheck shell=sh disable=SC2154
# The update of one host to the release that rpm has unpacked: it says little itself, its progress is in installer.log.

log_line() { echo "$(date -u '+%Y-%m-%d %H:%M:%S') $1" >>"$LOG"; }

show() { log_line "INFO  $2% of the update to $unpacked"; }

halfway() {
  if ! fault update-fails; then return; fi
  log_line 'ERROR migration rosemeta.0417 failed: could not extend file: no space left on device'
  log_line "ERROR update to $unpacked failed"
  forget updating
  echo "Update to $unpacked failed; see $LOG" >&2
  finish 1
}

update() {
  recall unpacked
  unpacked=$VALUE
  recall version
  from=$VALUE
  if [ -z "$unpacked" ]; then
    echo "alation: nothing to update to: $from runs, and no newer release is unpacked (rpm -Uvh)" >&2
    finish 1
  fi
  lock
  OBJECTION=
  rule_update "$unpacked"
  recall updating
  if [ -n "$VALUE" ] && runs "$VALUE"; then object "another update is under way on $HOST"; fi
  refuse_if_objected
  keep updating $$
  unlock
  LOG=$INSTALL/alation-$unpacked/var/log/installer.log
  mkdir -p "${LOG%/*}"
  : >"$LOG"
  echo "Updating Alation from $from to $unpacked. Progress: $LOG"
  log_line "INFO  update from $from to $unpacked begins"
  work update "$UPDATE_MS"
  lock
  finish_update
  echo "Update to $unpacked is complete."
}

finish_update() {
  keep version "$unpacked"
  rm -f "$INSTALL/alation"
  ln -s "alation-$unpacked" "$INSTALL/alation"
  if ! older "$unpacked" 2021.2; then
    if older "$from" 2021.2; then backup_v2 True; fi
    setting alation.backup_v2.enabled
    if [ "$VALUE" = True ]; then keep backup-v2-by-update yes; fi
  fi
  keep services running
  forget unpacked
  forget updating
  log_line "INFO  update to $unpacked is complete"
}
