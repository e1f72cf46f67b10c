#!/bin/sh
# microsocks: SOCKS5.
#   PORT      for anyone
#   PORT + 1  for alice
. "$(dirname "$0")/../lib/common.sh"
need microsocks setsid
begin "$@"
spawn open microsocks -i 127.0.0.1 -p "$PORT"
spawn closed microsocks -i 127.0.0.1 -p "$((PORT + 1))" -u alice -P 'alice:pw 1'
await "$PORT" "$((PORT + 1))"
echo "{\"ports\":{\"open\":$PORT,\"closed\":$((PORT + 1))},\"user\":\"alice\",\"password\":\"alice:pw 1\"}"
