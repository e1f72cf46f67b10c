#!/bin/sh
# tinyproxy: HTTP CONNECT.
#   PORT      for anyone
#   PORT + 1  for alice
. "$(dirname "$0")/../lib/common.sh"
need tinyproxy setsid
begin "$@"
configure() { # NAME PORT LINE...
  _file=$DIR/etc/$1
  printf 'Listen 127.0.0.1\nPort %s\nTimeout 20\nMaxClients 50\nLogLevel Connect\n' "$2" >"$_file"
  shift 2
  for _line in "$@"; do echo "$_line" >>"$_file"; done
}
configure open "$PORT"
configure closed "$((PORT + 1))" 'BasicAuth alice alice-pw1'
spawn open tinyproxy -d -c "$DIR/etc/open"
spawn closed tinyproxy -d -c "$DIR/etc/closed"
await "$PORT" "$((PORT + 1))"
echo "{\"ports\":{\"open\":$PORT,\"closed\":$((PORT + 1))},\"user\":\"alice\",\"password\":\"alice-pw1\"}"
