#!/bin/sh
program="$(dirname "$0")/../../work/go-peers"
[ -x "$program" ] && [ "$1" = many ] || exit 77
shift
exec "$program" pop3 many-pipelined "$@"
