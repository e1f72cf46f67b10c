#!/bin/sh
# gophernicus: Gopher.
#   PORT      gopher
#   PORT + 1  gophers: TLS in front of the same
#   PORT + 2  the same files as menus without ornaments, in Latin-1
. "$(dirname "$0")/../lib/common.sh"
need gophernicus openssl setsid
begin "$@"
certificates
"$PYTHON" "$(dirname "$0")/seed.py" "$DIR" localhost "$PORT"
chmod -R a+rX "$DIR/root"
"$PYTHON" - "$DIR" "$PORT" >"$DIR/etc/inetd.json" <<'P'
import json, os, sys
folder, port = sys.argv[1], int(sys.argv[2])
def service(number, *more, **rest):
    argv = ["/usr/sbin/gophernicus", "-h", "localhost", "-r", folder + "/root", "-nm", "-ns", "-nu", "-np", *more]
    return {"port": number, "argv": argv, "user": "_gophernicus", "log": folder + "/log/gophernicus", **rest}
tls = {"cert": folder + "/tls/fullchain.pem", "key": folder + "/tls/server.key"}
print(json.dumps({"services": [
    service(port, "-p", str(port), "-T", str(port + 1)),
    service(port + 1, "-p", str(port), "-T", str(port + 1), tls=tls),
    service(port + 2, "-p", str(port + 2), "-nl", "-nh", "-nf", "-nd", "-nc", "-o", "ISO-8859-1"),
]}))
P
spawn inetd "$PYTHON" "$LIB/inetd.py" "$DIR/etc/inetd.json"
await "$PORT" "$((PORT + 1))" "$((PORT + 2))"
echo "{\"ports\":{\"gopher\":$PORT,\"gophers\":$((PORT + 1)),\"bare\":$((PORT + 2))},\
\"ca\":\"$DIR/tls/ca.pem\",\"manifest\":\"$DIR/manifest.json\"}"
