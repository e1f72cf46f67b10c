"""home.py DIR - fills DIR/home with what is read over a terminal, and says their sizes and hashes in
DIR/manifest.json.

    listing.txt   some MiB of lines: UTF-8, tabs, empty, and some that are long
    octets.bin    every octet, and those that Telnet does something with beside each other: IAC, CR, LF, NUL, SE
"""
import hashlib
import json
import os
import random
import sys

LINES = 40_000
CHARACTERS = "abc xyz 0123456789 äöüß éèê Ελληνικά Кириллица 日本語 한국어 😀 \t"


def listing(rng):
    for number in range(LINES):
        length = 20_000 if number % 10_000 == 5_000 else rng.randrange(80)
        yield f"{number} " + "".join(rng.choices(CHARACTERS, k=length))


def octets(rng):
    awkward = [b"\xff", b"\r", b"\n", b"\0", b"\xf0", b"\xff\xff", b"\r\n", b"\r\0", b"\r\r\n", b"\xff\xf0", b"\n\r"]
    return bytes(range(256)) * 16 + b"".join(rng.choices(awkward, k=60_000)) + rng.randbytes(600_000)


def main():
    folder = sys.argv[1]
    rng = random.Random(1)
    files = {"listing.txt": ("\n".join(listing(rng)) + "\n").encode(), "octets.bin": octets(rng)}
    manifest = {}
    for name, content in files.items():
        with open(os.path.join(folder, "home", name), "wb") as file:
            file.write(content)
        manifest[name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with open(os.path.join(folder, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump(manifest, file)


main()
