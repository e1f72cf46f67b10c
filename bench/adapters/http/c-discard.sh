#!/bin/sh
exec "$(dirname "$0")/../../work/discard" http "$@"
