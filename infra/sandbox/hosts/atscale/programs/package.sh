# shellcheck shell=sh disable=SC2034,SC2154
# What the stand-ins for rpm and dpkg share: packages of the sandbox (makePackage), and what installing one does.

# read_package FILE: PACKAGE_VERSION and PACKAGE_TYPE from the first line; empty where it is no package of AtScale.
read_package() {
  PACKAGE_VERSION= PACKAGE_TYPE=
  # shellcheck disable=SC2046
  set -- $(dd if="$1" bs=256 count=1 2>/dev/null | head -n 1 | tr -cd '[:alnum:] ._-')
  if [ "$1 $2 $3 $4" = 'KEYTURN SANDBOX PACKAGE atscale' ]; then PACKAGE_VERSION=$5 PACKAGE_TYPE=$6; fi
}

# is_whole FILE: whether the end is there that makePackage wrote, at the place where it belongs.
is_whole() {
  [ "$(tail -c 64 "$1" | tr -d '\000' | tail -n 1)" = "KEYTURN SANDBOX PACKAGE END $(($(wc -c <"$1")))" ]
}

runs_as_root() { [ "${SANDBOX_USER-}" = root ]; }

# has_account: the package takes the account from ATSCALE_USER, or atscale without it.
has_account() { [ "${ATSCALE_USER:-atscale}" = "$ACCOUNT" ]; }

# violated CODE SENTENCE: ends with that code; what the original says of it is said already.
violated() {
  record violation "$1" "VIOLATION $PROGRAM on $HOST: $2"
  finish "$1"
}

# installed_version: INSTALLED is the version of the package on this host, or empty.
installed_version() {
  INSTALLED=
  for folder in "$PRODUCT_HOME"/versions/*/; do
    if [ -d "$folder" ]; then INSTALLED=$(basename "$folder"); fi
  done
}

# install_package: lays out the product, and nothing that only an activation makes.
install_package() {
  versions=$PRODUCT_HOME/versions
  mkdir -p "$versions" "$PRODUCT_HOME/conf"
  cp -R "$SANDBOX/package" "$versions/.$PACKAGE_VERSION.$$"
  mv "$versions/.$PACKAGE_VERSION.$$" "$versions/$PACKAGE_VERSION"
  dispatcher=$ANY_HOME/versions/$PACKAGE_VERSION/bin/configurator.sh
  mkdir -p "${dispatcher%/*}"
  sed "s|@OWN@|opt/atscale/versions/$PACKAGE_VERSION/bin/configurator.sh|" "$SANDBOX/lib/dispatch" >"$dispatcher.$$"
  chmod 755 "$dispatcher.$$"
  mv -f "$dispatcher.$$" "$dispatcher"
  write_phase "installed $PACKAGE_VERSION"
  record note - "installed $PACKAGE_VERSION"
}
