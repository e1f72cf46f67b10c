"""seed.py PORT MANIFEST - articles, the same every time but for their dates, streamed to innd. The manifest is
{"group": [{"id", "subject", "size", "lines", "sha256"}]} in the order of their numbers; size and sha256 are of the body."""
import base64
import binascii
import hashlib
import json
import random
import socket
import sys
import time

port, manifest_file = int(sys.argv[1]), sys.argv[2]
chance = random.Random(21)
NOW = int(time.time())
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa".split()
POSTER = "Poster <poster@example.test>"
TEXT = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n"
UTF8 = TEXT % ("utf-8", "8bit")
articles = []
manifest = {}


def article(name, groups, subject, body, headers="", poster=POSTER):
    identity = f"<{name}@seed.example.test>"
    date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(NOW - 864_000 + len(articles) * 61))
    body = body if isinstance(body, bytes) else body.encode()
    head = (
        f"Path: feeder.example.test!not-for-mail\r\nNewsgroups: {','.join(groups)}\r\nFrom: {poster}\r\n"
        f"Subject: {subject}\r\nDate: {date}\r\nMessage-ID: {identity}\r\n{headers}\r\n"
    )
    articles.append((identity, head.encode() + body))
    record = {"id": identity, "subject": subject, "size": len(body), "lines": body.count(b"\n")}
    record["sha256"] = hashlib.sha256(body).hexdigest()
    for group in groups:
        manifest.setdefault(group, []).append(record)


def text(lines):
    return "".join(" ".join(chance.choices(WORDS, k=9)) + "\r\n" for _ in range(lines))


def yenc(octets, part, parts):
    """One part of a binary, in lines of 128."""
    escaped = {0, 9, 10, 13, 32, 46, 61}
    lines, line = [], bytearray()
    for octet in octets:
        octet = (octet + 42) & 255
        line += bytes((61, (octet + 64) & 255)) if octet in escaped else bytes((octet,))
        if len(line) >= 128:
            lines.append(bytes(line))
            line.clear()
    lines.append(bytes(line))
    size = len(octets)
    head = f"=ybegin part={part} total={parts} line=128 size={size * parts} name=all octets.bin\r\n"
    head += f"=ypart begin={(part - 1) * size + 1} end={part * size}\r\n"
    tail = f"\r\n=yend size={size} part={part} pcrc32={binascii.crc32(octets):08x}\r\n"
    return head.encode() + b"\r\n".join(lines) + tail.encode()


for number in range(1500):
    thread, before = number % 97, number - 97
    references = f"References: <big.{before}@seed.example.test>\r\n" if before >= 0 else ""
    subject = f"{'Re: ' if before >= 0 else ''}Topic {thread}"
    article(f"big.{number}", ["netkit.big"], subject, text(1 + number % 7), references)
for number in range(40):
    groups = ["netkit.test"] + ["netkit.cross"] * (number % 10 == 0)
    article(f"test.{number}", groups, f"Test {number}", ".\r\n..\r\n.dot\r\n" * (number % 3) + text(2))

subjects = ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Überschrift roh 日本語", "tab\tin the middle", "a" * 900, "Re: Re: odd  spaces")
for number, subject in enumerate(subjects):
    article(f"utf8.{number}", ["netkit.utf8"], subject, "Grüße, 日本語, 🎈\r\n", UTF8, "Jürgen Müller <j@example.test>")
article("named", ["netkit.größe"], "A group with a name in UTF-8", "Grüße\r\n")

kinds = {
    "dots": ".\r\n..\r\n...\r\n.leading\r\n. \r\n \r\n.\r\n",
    "one-dot": ".\r\n",
    "empty": "",
    "blank": "\r\n" * 7,
    "long-lines": "".join(letter * size + "\r\n" for letter, size in zip("abcde", (998, 999, 2000, 20_000, 1))),
    "protocol": "220 1 <x@y>\r\n.\r\n430 no\r\nQUIT\r\n",
    "controls": "tab\tbell\x07 back\x08 esc\x1b[31mred\x1b[0m del\x7f feed\x0c end\r\n",
    "all-octets": bytes(octet for octet in range(256) if octet not in (0, 10, 13)) + b"\r\n",
    "many-lines": "".join(f"{number}\r\n" for number in range(20_000)),
    "large": base64.encodebytes(chance.randbytes(3_800_000)).replace(b"\n", b"\r\n"),
}
for name, body in kinds.items():
    article(f"kind.{name}", ["netkit.kinds"], name, body)
charsets = (("iso-8859-1", "café"), ("koi8-r", "Привет"), ("iso-2022-jp", "日本語"))
for charset, words in charsets:
    article(f"charset.{charset}", ["netkit.kinds"], charset, f"{words}\r\n".encode(charset), TEXT % (charset, "8bit"))
references = "References:" + " <a-long-reference@x.example.test>\r\n" * 200
article("kind.long-headers", ["netkit.kinds"], "long-headers", "body\r\n", references)

binary = bytes(range(256)) * 400
for part in (1, 2, 3):
    article(f"yenc.{part}", ["netkit.binaries"], f'"all octets.bin" yEnc ({part}/3)', yenc(binary, part, 3))
for number in range(5):
    approved = "Approved: moderator@example.test\r\n"
    article(f"moderated.{number}", ["netkit.moderated"], f"Moderated {number}", text(2), approved)
    article(f"readonly.{number}", ["netkit.readonly"], f"Read only {number}", text(2))
    article(f"private.{number}", ["netkit.private"], f"Private {number}", text(2))
for number in range(30):
    article(f"sparse.{number}", ["netkit.sparse"], f"Sparse {number}", text(1))


def stuffed(octets):
    return b"\r\n".join(b"." + line if line.startswith(b".") else line for line in octets.split(b"\r\n")) + b".\r\n"


connection = socket.create_connection(("127.0.0.1", port), 30)
replies = connection.makefile("rb")
greeting = replies.readline()
connection.sendall(b"MODE STREAM\r\n")
assert replies.readline().startswith(b"203"), greeting
for start in range(0, len(articles), 50):
    batch = articles[start : start + 50]
    connection.sendall(b"".join(b"TAKETHIS %s\r\n%s" % (name.encode(), stuffed(octets)) for name, octets in batch))
    for name, _ in batch:
        reply = replies.readline()
        if not reply.startswith(b"239"):
            sys.exit(f"{name}: {reply!r}")
connection.sendall(b"QUIT\r\n")
replies.readline()
with open(manifest_file, "w") as output:
    json.dump(manifest, output)
