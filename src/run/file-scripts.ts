/**
 * The scripts that put a file in its place: constant text, run by the supervisor like any other, so that each is started once and the record shows
 * it. Both keep the old file under a name with the run's time, and keep owner and mode. POSIX sh; sums by whatever tool the host has.
 * Whoever owns the folder may have put links there: none is written through. What is kept gets its name when it is whole, so that a script that was
 * killed in the middle leaves no half file that the next one takes for it.
 */
const sum = `sum() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum <"$1" | cut -c 1-64
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256 <"$1" | cut -c 1-64
  else openssl dgst -sha256 -r <"$1" | cut -c 1-64
  fi
}
fail() { echo "$1" >&2; exit 1; }
keep() {
  [ ! -L "$2" ] || fail "$2 is a link: nothing was written"
  [ ! -e "$1" ] || [ -e "$2" ] || { rm -f "$2.part" && cp -p "$1" "$2.part" && mv -f "$2.part" "$2" && echo "kept $1 as $2"; } ||
    fail "the old $1 could not be kept as $2"
}
`;

/** The copy lies beside its place as PART, whole; SHA256, MODE and OWNER (user:group; empty: whoever writes) are the source's. */
export const PLACE_SCRIPT = `${sum}
[ "$(sum "$PART")" = "$SHA256" ] || fail "what arrived as $PART is not what was sent"
[ ! -L "$PART" ] || fail "$PART is a link"
[ ! -L "$TARGET" ] || fail "$TARGET is a link; name the file itself"
[ ! -d "$TARGET" ] || fail "$TARGET is a folder"
keep "$TARGET" "$BACKUP"
chmod "$MODE" "$PART" || fail "$PART cannot get the mode $MODE"
[ -z "$OWNER" ] || chown "$OWNER" "$PART" 2>/dev/null || [ "$(id -un):$(id -gn)" = "$OWNER" ] || fail "$PART cannot be given to $OWNER by $(id -un)"
mv -f "$PART" "$TARGET" && echo "$TARGET is in place: sha256 $SHA256, \${OWNER:-$(id -un)}, $MODE"
`;

/** CONTENT is the new text; BEFORE and AFTER are the sums of the file as it was read and as it will be. */
export const EDIT_SCRIPT = `${sum}
[ ! -L "$FILE" ] || fail "$FILE is a link; name the file itself"
[ "$(sum "$FILE")" = "$BEFORE" ] || fail "$FILE is not what it was when the change was shown: nothing was written"
keep "$FILE" "$BACKUP"
rm -f "$PART" && cp -p "$FILE" "$PART" && printf '%s' "$CONTENT" >"$PART" || fail "$PART could not be written"
[ "$(sum "$PART")" = "$AFTER" ] || fail "what was written as $PART is not what was shown"
mv -f "$PART" "$FILE" && echo "$FILE is changed: sha256 $AFTER"
`;

/** Name of the value that holds the new text: it is not shown beside the difference, and not kept. */
export const CONTENT = 'CONTENT';
