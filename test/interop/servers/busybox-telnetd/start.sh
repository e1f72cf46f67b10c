#!/bin/sh
# busybox's telnetd, the one of routers and small devices: Telnet, with the login of lib/telnet.sh.
#   PORT      telnet
. "$(dirname "$0")/../lib/common.sh"
. "$LIB/telnet.sh"
PATH=/opt/netkit-interop/busybox-static/bin:$PATH
need busybox setsid
begin "$@"
terminal
"$PYTHON" - "$DIR" "$PORT" "$(command -v busybox)" >"$DIR/etc/inetd.json" <<'P'
import json, sys
folder, port, busybox = sys.argv[1:]
argv = [busybox, "telnetd", "-i", "-f", "/dev/null", "-l", folder + "/login"]
print(json.dumps({"services": [{"port": int(port), "argv": argv, "user": None, "log": folder + "/log/telnetd"}]}))
P
spawn inetd "$PYTHON" "$LIB/inetd.py" "$DIR/etc/inetd.json"
await "$PORT"
echo "{\"ports\":{\"telnet\":$PORT},\"home\":\"$DIR/home\"}"
