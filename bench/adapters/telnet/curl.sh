#!/bin/sh
# curl says what its standard input says, and cannot wait for a prompt: no lockstep. What it says of sizes is what came over
# the wire; what it writes is compared by its hash.
workload=$1 check=
shift
for word in "$@"; do eval "${word%%=*}=${word#*=}"; done
case $workload in
  stream) verb=prose ;;
  iac) verb=iac ;;
  *) exit 77 ;;
esac
ask() { printf '%s %d\r\n' "$verb" "$size" | curl -q -s -N -T - "$@" "telnet://127.0.0.1:$port"; }
[ -z "$check" ] && { ask -o /dev/null -w '{"items":1,"wire":%{size_download}}\n'; exit; }
printf '{"items":1,"sha1":"%s"}\n' "$(ask | sha1sum | cut -c 1-40)"
