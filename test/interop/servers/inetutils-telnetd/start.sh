#!/bin/sh
# inetutils-telnetd: Telnet, with the login of lib/telnet.sh.
#   PORT      telnet
#   PORT + 1  telnets: TLS in front of the same
#   PORT + 2  telnet, where LINEMODE is asked for
. "$(dirname "$0")/../lib/common.sh"
. "$LIB/telnet.sh"
PATH=$PATH:/opt/netkit-interop/inetutils-telnetd/usr/sbin
need telnetd openssl setsid
begin "$@"
certificates
terminal
telnetd=$(command -v telnetd)
# a telnetd of 2026 lets no variable in that it is not told of
accepted=
if "$telnetd" --help | grep -q accept-env; then accepted="--accept-env=USER --accept-env=NETKIT --accept-env=LANG"; fi
# shellcheck disable=SC2086 # a list of words
"$PYTHON" - "$DIR" "$PORT" "$telnetd" $accepted >"$DIR/etc/inetd.json" <<'P'
import json, sys
folder, port, telnetd, *accepted = sys.argv[1:]
tls = {"cert": folder + "/tls/fullchain.pem", "key": folder + "/tls/server.key"}
def service(number, *more, **rest):
    argv = [telnetd, "-E", folder + "/login %U", *accepted, *more]
    return {"port": int(port) + number, "argv": argv, "user": None, "log": folder + "/log/telnetd", **rest}
print(json.dumps({"services": [service(0), service(1, tls=tls), service(2, "--linemode")]}))
P
spawn inetd "$PYTHON" "$LIB/inetd.py" "$DIR/etc/inetd.json"
await "$PORT" "$((PORT + 1))" "$((PORT + 2))"
echo "{\"ports\":{\"telnet\":$PORT,\"telnets\":$((PORT + 1)),\"linemode\":$((PORT + 2))},\
\"ca\":\"$DIR/tls/ca.pem\",\"home\":\"$DIR/home\"}"
