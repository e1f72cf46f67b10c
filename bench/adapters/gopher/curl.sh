#!/bin/sh
# curl fetches, and does not parse: no menus.
workload=$1
shift
for word in "$@"; do eval "${word%%=*}=${word#*=}"; done
case $workload in
  latency) exec curl -q -s -o /dev/null "gopher://127.0.0.1:$port/0/s[1-$n]" ;;
  many | conc)
    [ "$conc" -le 300 ] || conc=300
    exec curl -q -s -o /dev/null -Z --parallel-max "$conc" "gopher://127.0.0.1:$port/0/s[1-$n]"
    ;;
  stream) exec curl -q -s -o /dev/null -w '{"items":1,"bytes":%{size_download}}\n' "gopher://127.0.0.1:$port/9/b$size" ;;
  *) exit 77 ;;
esac
