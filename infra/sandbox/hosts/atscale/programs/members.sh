# shellcheck shell=sh disable=SC2034,SC2154
# The database members as Patroni lists them, and the tables in which the vendor's programs print them.

# member_state HOST: what Patroni would say of that engine.
member_state() {
  host_state "$1"
  case $HOST_STATE in
    running | failed) MEMBER_STATE=running ;;
    starting) MEMBER_STATE=starting ;;
    *) MEMBER_STATE=stopped ;;
  esac
  if fault member-state "$1"; then MEMBER_STATE=$FAULT; fi
}

# member_rows: one line a member, tab separated: member, host, role, state, timeline, lag.
member_rows() {
  read_leader
  clock
  while read -r host role member; do
    if [ "$role" != engine ]; then continue; fi
    # A new machine is a member from its activation on; the entry of the old one has expired by then.
    host_state "$host"
    case $HOST_STATE in absent | installed | broken | activating) continue ;; esac
    member_state "$host"
    row_role=Replica lag=0
    if [ "$host" = "$LEADER" ] || fault two-leaders cluster; then row_role=Leader lag=; fi
    if fault no-leader cluster; then row_role=Replica lag=0; fi
    if [ "$row_role" = Replica ] && fault unknown-member cluster; then member=$FAULT; fi
    if [ "$MEMBER_STATE" = stopped ]; then lag=unknown; fi
    printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$member" "$member" "$row_role" "$MEMBER_STATE" "$TIMELINE" "$lag"
  done <"$HOSTS"
}

# print_table FORM: current (padded, cluster's name inside the second border), seed (the same with single blanks), older.
print_table() {
  awk -F '\t' -v form="$1" -v name="$CLUSTER_NAME" -v id="$CLUSTER_ID" '
    function repeat(text, times, out) { while (times-- > 0) out = out text; return out }
    function border(out, i) { out = "+"; for (i = 1; i <= columns; i++) out = out repeat("-", width[i] + 2) "+"; return out }
    function titled(title) { return "+" title substr(border(), length(title) + 2) }
    function padded(r, i, text) {
      text = cell[r, i]
      if (form == "seed") return text == "" ? " " : " " text " "
      if (r > 1 && (head[i] == "TL" || head[i] == "Lag in MB")) return repeat(" ", width[i] + 1 - length(text)) text " "
      return " " text repeat(" ", width[i] + 1 - length(text))
    }
    function put(r, i, text) { cell[r, i] = text; if (length(text) > width[i]) width[i] = length(text) }
    function line(r, out, i) { out = "|"; for (i = 1; i <= columns; i++) out = out padded(r, i) "|"; return out }
    BEGIN {
      columns = split(form == "older" ? "Cluster,Member,Host,Role,State,Lag in MB" : "Member,Host,Role,State,TL,Lag in MB", head, ",")
      for (i = 1; i <= columns; i++) put(1, i, head[i])
      rows = 1
    }
    {
      rows++
      if (form == "older") {
        put(rows, 1, name); put(rows, 2, $1); put(rows, 3, $2); put(rows, 4, $3 == "Replica" ? "" : $3); put(rows, 5, $4); put(rows, 6, "")
      } else {
        put(rows, 1, $1); put(rows, 2, $2 ":10520"); for (i = 3; i <= 6; i++) put(rows, i, $i)
      }
    }
    END {
      print border(); print line(1)
      print (form == "older" ? border() : titled(" Cluster: " name " (" id ") "))
      for (r = 2; r <= rows; r++) print line(r)
      print border()
    }'
}

# refuse_without_database: Patroni answers on the engine it runs on, or nobody does.
refuse_without_database() {
  clock
  host_state "$HOST"
  if [ "$ROLE" = engine ] && ! fault no-connection; then
    case $HOST_STATE in running | failed | starting) return ;; esac
  fi
  echo "$(date '+%Y-%m-%d %H:%M:%S'),000 - ERROR - Failed to connect to http://127.0.0.1:10500: [Errno 111] Connection refused" >&2
  finish 1
}
