# shellcheck shell=sh disable=SC2034,SC2154
# Sourced after sandbox.sh by bin/start, bin/stop and bin/status: whether the server of this host runs.

# command_of PID: its command line; empty for a zombie and for a process that there is not.
command_of() {
  if [ -d /proc/self ]; then
    if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null; fi
  else
    ps -ww -o command= -p "$1"
  fi
}

# server_runs: true where the process of pid.txt is the server of this host; PID is its id.
server_runs() {
  PID=
  if [ -f "$AMP_HOME/pid.txt" ]; then read -r PID <"$AMP_HOME/pid.txt" || :; fi
  case $PID in '' | *[!0-9]*) return 1 ;; esac
  case $(command_of "$PID") in *"$AMP_HOME/lib/amp-server.mjs"*) return 0 ;; *) return 1 ;; esac
}
