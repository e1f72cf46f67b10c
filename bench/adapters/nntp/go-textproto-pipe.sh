#!/bin/sh
program="$(dirname "$0")/../../work/go-peers"
[ -x "$program" ] || exit 77
case $1 in many | body) ;; *) exit 77 ;; esac
workload=$1
shift
exec "$program" nntp "$workload-pipelined" "$@"
