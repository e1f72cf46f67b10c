"""home.py DIR - fills DIR with what is read over a terminal.

    listing.txt     some MiB of lines: UTF-8, tabs, and some that are long
    octets.bin      every octet, and those that Telnet does something with beside each other: IAC, CR, LF, NUL, SE
    no-returns.bin  the same without CR
"""
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
    every = octets(rng)
    files = {"listing.txt": ("\n".join(listing(rng)) + "\n").encode(), "octets.bin": every}
    files["no-returns.bin"] = every.replace(b"\r", b"")
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)


main()
