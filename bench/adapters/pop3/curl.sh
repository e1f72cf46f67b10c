#!/bin/sh
# curl fetches, and does not parse: no list. What it says of sizes is not what it writes, so it is not asked.
workload=$1
shift
for word in "$@"; do eval "${word%%=*}=${word#*=}"; done
server="pop3://127.0.0.1:$port"
case $workload in
  latency) exec curl -q -s -o /dev/null -u m10x100:x -X STAT -I "$server/[1-$n]" ;;
  many | big | stream) exec curl -q -s -o /dev/null -u "m${n}x$size:x" "$server/[1-$n]" ;;
  *) exit 77 ;;
esac
