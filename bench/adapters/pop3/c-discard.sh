#!/bin/sh
exec "$(dirname "$0")/../../work/discard" pop3 "$@"
