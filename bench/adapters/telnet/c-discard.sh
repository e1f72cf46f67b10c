#!/bin/sh
exec "$(dirname "$0")/../../work/discard" telnet "$@"
