#!/bin/sh
# stop.sh DIR - ends what start.sh recorded in DIR/run/*.pid, and its descendants: as DIR/run/stop asks, where a server
# has its own way, by TERM, and after a while by KILL. A process is known by its id and its start time together, so that
# no other one is ever meant; nothing is ended by its name.
set -eu
[ $# -eq 1 ] || { echo "usage: stop.sh DIR" >&2; exit 2; }
DIR=$1

# "pid state ppid pgrp starttime" of every process
processes() { cat /proc/[0-9]*/stat 2>/dev/null | awk '{ pid = $1; sub(/.*\) /, ""); print pid, $1, $2, $3, $20 }' || :; }

alive() { # PID STARTTIME
  _state=$(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f1,20)
  [ "${_state#* }" = "$2" ] && [ "${_state%% *}" != Z ]
}

family() { # PID... : "pid starttime" of them, their descendants, and the members of their process groups
  processes | awk -v roots="$*" '
    BEGIN { count = split(roots, list, " "); for (i = 1; i <= count; i++) family[list[i]] = group[list[i]] = 1 }
    { state[$1] = $2; parent[$1] = $3; leader[$1] = $4; started[$1] = $5 }
    END {
      do { more = 0
        for (pid in parent) if (!family[pid] && (family[parent[pid]] || group[leader[pid]])) family[pid] = more = 1
      } while (more)
      for (pid in parent) if (family[pid] && state[pid] != "Z") print pid, started[pid]
    }'
}

[ ! -x "$DIR/run/stop" ] || "$DIR/run/stop" || :

roots=
for file in "$DIR"/run/*.pid; do
  [ -f "$file" ] || continue
  read -r pid started <"$file"
  if alive "$pid" "$started"; then roots="$roots $pid"; fi
done
[ -n "$roots" ] || exit 0
# shellcheck disable=SC2086 # a list of words
all=$(family $roots)

left() { echo "$all" | while read -r pid started; do if alive "$pid" "$started"; then echo "$pid"; fi; done; }
signal() { for pid in $(left); do kill "-$1" "$pid" 2>/dev/null || :; done; }

for pid in $roots; do kill -TERM "$pid" 2>/dev/null || :; done
round=0
while [ -n "$(left)" ]; do
  round=$((round + 1))
  case $round in
    40) signal TERM ;;
    80) signal KILL ;;
    120) echo "stop.sh: still running: $(left)" >&2; exit 1 ;;
  esac
  sleep 0.05
done
rm -f "$DIR"/run/*.pid
