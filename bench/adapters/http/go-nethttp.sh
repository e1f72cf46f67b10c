#!/bin/sh
program="$(dirname "$0")/../../work/go-peers"
[ -x "$program" ] || exit 77
exec "$program" http "$@"
