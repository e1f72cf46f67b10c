"""seed.py DIR - the files of a web server, the same every time, in DIR/root, its programs in DIR/cgi-bin, and in
DIR/manifest.json what the files are: {"/path": {"size", "sha256"}}.

  /large.bin             64 MiB that nobody can compress
  /long.txt              800,000 octets that anybody can
  /basic, /digest        secret.txt, for who logs in
  /many/000.txt … 499    500 small ones
  /cgi-bin/echo          what was asked, as JSON
  /cgi-bin/status?N      an answer with this status
  /cgi-bin/cookies       sets four cookies, and says which it was given
  /cgi-bin/slowly?N      N lines, ten in a second, in chunks
  /cgi-bin/silent        says nothing for a minute
  /cgi-bin/relative      a redirect to ../text.txt
  /cgi-bin/nph-own       writes its own header: HTTP/1.1 299, and closes
"""
import hashlib
import json
import os
import random
import sys

directory = sys.argv[1]
manifest = {}


def write(path, octets, mode=0o644):
    file = directory + path
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb") as output:
        output.write(octets)
    os.chmod(file, mode)
    os.utime(file, (1704103200, 1704103200))


def page(path, octets):
    write("/root" + path, octets)
    manifest[path] = {"size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}


def program(name, *lines):
    write("/cgi-bin/" + name, "".join(line + "\n" for line in lines).encode(), 0o755)


page("/index.html", b"<!doctype html><title>interop</title><h1>It works</h1>\n")
page("/text.txt", b"plain text\nsecond line\n")
page("/utf8.txt", "Grüße, 日本語, Ελληνικά\n".encode())
page("/old.latin1", "Grüße\n".encode("latin-1"))
page("/empty.txt", b"")
page("/all.bin", bytes(range(256)) * 64)
page("/large.bin", random.Random(9).randbytes(64 * 1024 * 1024))
page("/long.txt", b"".join(b"a line that is much like others %06d\n" % number for number in range(20_000)))
page("/data.json", json.dumps({"list": [1, 2.5, None], "text": "Grüße"}, ensure_ascii=False).encode())
page("/name with spaces.txt", b"spaces\n")
page("/grüße.txt", b"a name in UTF-8\n")
page("/basic/secret.txt", b"for who logs in by Basic\n")
page("/basic/below/secret.txt", b"below\n")
page("/digest/secret.txt", b"for who logs in by Digest\n")
page("/digest/large.bin", random.Random(10).randbytes(300_000))
for number in range(500):
    page(f"/many/{number:03}.txt", b"file %d\n" % number)

program(
    "echo",
    "#!/usr/bin/python3 -IS",
    "import hashlib, json, os, sys",
    'length = os.environ.get("CONTENT_LENGTH")',
    "body = sys.stdin.buffer.read(int(length)) if length else sys.stdin.buffer.read()",
    'given = {name[5:].lower().replace("_", "-"): value for name, value in os.environ.items() if name[:5] == "HTTP_"}',
    'asked = {"method": os.environ["REQUEST_METHOD"], "target": os.environ["REQUEST_URI"],',
    '    "protocol": os.environ["SERVER_PROTOCOL"], "port": os.environ["SERVER_PORT"],',
    '    "type": os.environ.get("CONTENT_TYPE"), "length": length, "size": len(body),',
    '    "sha256": hashlib.sha256(body).hexdigest(), "text": body[:4096].decode("latin-1"),',
    '    "subject": os.environ.get("SSL_CLIENT_S_DN_CN"), "headers": given}',
    'print("Content-Type: application/json\\n")',
    "print(json.dumps(asked))",
)
program(
    "status",
    "#!/bin/sh",
    "cat >/dev/null",
    r"printf 'Status: %s Some Reason\nContent-Type: text/plain\nRetry-After: 1\n\nstatus %s\n' "
    '"$QUERY_STRING" "$QUERY_STRING"',
)
program(
    "cookies",
    "#!/bin/sh",
    r"printf 'Set-Cookie: id=abc123; Path=/; HttpOnly; SameSite=Lax\n'",
    r"printf 'Set-Cookie: theme=dark; Max-Age=3600; Path=/cgi-bin\n'",
    r"printf 'Set-Cookie: elsewhere=x; Path=/other\n'",
    r"printf 'Set-Cookie: over=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT\n'",
    r"""printf 'Content-Type: text/plain\n\n%s\n' "$HTTP_COOKIE" """,
)
program(
    "slowly",
    "#!/bin/sh",
    r"printf 'Content-Type: text/x-slow\n\n'",
    "line=0",
    "while [ $line -lt ${QUERY_STRING:-5} ]; do",
    "  echo line $line",
    "  line=$((line + 1))",
    "  sleep 0.1",
    "done",
)
program("silent", "#!/bin/sh", "exec sleep 60")
program("relative", "#!/bin/sh", r"printf 'Status: 302 Found\nLocation: ../text.txt\n\n'")
program("nph-own", "#!/bin/sh", r"printf 'HTTP/1.1 299 My Own\r\nConnection: close\r\n\r\nuntil it closes\n'")
with open(os.path.join(directory, "manifest.json"), "w") as output:
    json.dump(manifest, output)
