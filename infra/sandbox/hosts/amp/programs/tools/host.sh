# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the stand-ins for system programs: which sandbox host this is, by HOME; real() goes on as the system's own program.
PRODUCT=$HOME/../opt/amp
PROGRAM=${0##*/} ARGS=
if [ ! -f "$PRODUCT/conf/sandbox.conf" ]; then
  echo "$PROGRAM: this is no login of a sandbox host: HOME is $HOME." >&2
  exit 127
fi
. "$PRODUCT/conf/sandbox.conf"
. "$PRODUCT/lib/sandbox.sh"

real() {
  PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  exec "$@"
}

# is_user NAME: the accounts of a sandbox host.
is_user() { case $1 in root | amp | "$(id -un)") return 0 ;; *) return 1 ;; esac; }

# own USER GROUP PATH…: writes down who has got the file; by its inode, because a file that is renamed keeps its owner.
own() {
  new_owner=$1 new_group=$2
  shift 2
  for path in "$@"; do
    # shellcheck disable=SC2046
    set -- $(ls -di "$path") && echo "$1 $new_owner $new_group" >>"$SANDBOX/owners/$HOST"
  done
}

# is_shared PATH: whether that is the folder that stands for the mounted one.
is_shared() { [ -d "$1" ] && [ "$(cd "$1" && pwd -P)" = "$(cd "$PERSISTENCE_DIR" && pwd -P)" ]; }
