"""seed.py DIR HOST PORT - a gopher hole, the same every time, in DIR/root, and in DIR/manifest.json what is in it:
{"/path": {"type", "size", "sha256"}}, of the files as they are on the disk."""
import hashlib
import json
import os
import random
import sys

directory, host, port = sys.argv[1:]
root = os.path.join(directory, "root")
manifest = {}


def write(path, octets, kind=None, mode=0o644):
    file = root + path
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb") as output:
        output.write(octets)
    os.chmod(file, mode)
    os.utime(file, (1704103200, 1704103200))
    if kind:
        manifest[path] = {"type": kind, "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}


def text(path, content, encoding="utf-8"):
    write(path, content.encode(encoding), "0")


chance = random.Random(3)
text("/about.txt", "About this server.\nSecond line.\n")
text("/dots.txt", ".\n..\n.leading\nlast\n.\n")
text("/crlf.txt", "dos\r\nlines\r\n")
text("/nonl.txt", "no newline at the end")
text("/empty.txt", "")
text("/utf8.txt", "Grüße, 日本語, Ελληνικά\n")
text("/grüße.txt", "Grüße aus einer Datei\n")
text("/latin1.txt", "Grüße\n", "latin-1")
text("/long.txt", "x" * 1000 + "\ntab\there\n")
text("/large.txt", "".join(f"line {number:06}\n" for number in range(60000)))
text("/name with spaces.txt", "spaces\n")
text("/100%25 & q?.txt", "an odd name\n")
write("/bin/all.bin", bytes(range(256)) * 16, "9")
write("/bin/large.bin", chance.randbytes(3 * 1024 * 1024), "9")
write("/bin/empty.bin", b"", "9")
# An archive that begins like a menu with an error, and goes on like a text that ends.
write("/bin/trap.bin", b"3Oops\t\terror.host\t1\r\n.\r\n" + chance.randbytes(4000), "9")
for number in range(300):
    write(f"/many/file{number:03}.txt", b"file %d\n" % number)
text("/deep/a/b/c/leaf.txt", "leaf\n")
os.makedirs(root + "/empty")

search = r"""#!/bin/sh
words=${SEARCHREQUEST:-${QUERY_STRING:-$*}}
printf 'iYou searched for: %s\tfake\t(NULL)\t0\r\n' "$words"
printf '0Result one\t/about.txt\tHOST\tPORT\r\n'
"""
write("/cgi-bin/search.sh", search.replace("HOST", host).replace("PORT", port).encode(), mode=0o755)

menu = [
    "Welcome to the interop gopher server",
    "",
    *(f"{line}\t{host}\t{port}" for line in ("0About\t/about.txt", "0Name with spaces\t/name with spaces.txt")),
    *(f"{line}\t{host}\t{port}" for line in ("1Binaries\t/bin", "1Many files\t/many", "1Empty\t/empty")),
    f"9All octets\t/bin/all.bin\t{host}\t{port}",
    f"7Search\t/cgi-bin/search.sh\t{host}\t{port}",
    f"hWeb link\tURL:http://example.test/\t{host}\t{port}",
    f"8Telnet\tlogin\t{host}\t23",
    "1Elsewhere\t/\tgopher.example.test\t70",
]
write("/gophermap", "".join(line + "\n" for line in menu).encode())
with open(os.path.join(directory, "manifest.json"), "w") as output:
    json.dump(manifest, output)
