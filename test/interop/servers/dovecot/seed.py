"""seed.py DIR - maildirs, the same every time, in DIR/mail/USER/Maildir, and in DIR/manifest.json what alice has, in order:
[{"kind", "subject", "id", "size", "sha256"}], of the messages as they are on the wire, where lines end with CR LF."""
import base64
import hashlib
import json
import os
import random
import sys

directory = sys.argv[1]
chance = random.Random(11)
START = 1704103200
WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa".split()
TEXT = "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: %s\r\n"
UTF8 = TEXT % ("utf-8", "8bit")
kinds = []


def kind(name, subject, body, headers="", encoding="utf-8"):
    """A message whose headers are in order. Of the encoding are header and body."""
    number = len(kinds) + 1
    head = (
        'From: "Alice Example" <alice@example.test>\r\nTo: Bob <bob@example.test>\r\n'
        f"Subject: {subject}\r\nDate: Mon, 01 Jan 2024 10:{number % 60:02}:00 +0000\r\n"
        f"Message-ID: <{name}@seed.example.test>\r\nMIME-Version: 1.0\r\n{headers}\r\n"
    )
    body = body if isinstance(body, bytes) else body.encode(encoding)
    kinds.append((name, subject, f"<{name}@seed.example.test>", head.encode(encoding) + body))


def bare(name, message):
    """A message without the headers that every message has."""
    kinds.append((name, None, None, message.encode()))


def lines(octets):
    """Base64, in lines."""
    text = base64.b64encode(octets)
    return b"".join(text[at : at + 76] + b"\r\n" for at in range(0, len(text), 76))


def word(charset, text, codec=None):
    return f"=?{charset}?B?{base64.b64encode(text.encode(codec or charset)).decode()}?="


def parts(boundary, *contents, end=True):
    return "".join(f"--{boundary}\r\n{content}\r\n" for content in contents) + (f"--{boundary}--\r\n" if end else "")


kind("plain", "Plain text", "Hello,\r\nworld.\r\n")
kind("dots", "Lines of dots", ".\r\n..\r\n...\r\n.leading\r\n. \r\n \r\nin . the middle\r\n.\r\n")
kind("one-dot", "The body is one dot", ".\r\n")
kind("empty", "No body", "")
kind("blank", "Blank lines", "\r\n" * 7)
kind("no-final-newline", "The last line has no end", "the last line has no end")
kind("long-lines", "Long lines", "".join(c * n + "\r\n" for c, n in zip("abcde", (998, 999, 2000, 20_000, 1))))
kind("long-headers", "Long headers", "body\r\n", "References:" + "\r\n <a-long-reference@x.example.test>" * 200 + "\r\n")
kind("protocol", "Looks like replies", "+OK\r\n-ERR no\r\n+ \r\n* 1 EXISTS\r\n250 ok\r\n.\r\nQUIT\r\n")
kind("from-lines", "Lines that begin with From", "From the start\r\n>From quoted\r\n>>From twice\r\nFrom a@b Mon Jan\r\n")
kind("controls", "Control characters", "tab\tbell\x07 back\x08 esc\x1b[31mred\x1b[0m del\x7f feed\x0c end\r\n")
kind("utf-8", "Grüße – 日本語", "Grüße – 日本語 – Ελληνικά – עברית – 🎈\r\n" * 6, UTF8)
kind("utf-8-words", word("utf-8", "Grüße aus Köln"), lines("Straße\r\n".encode()), TEXT % ("utf-8", "base64"))
kind("split-words", "=?UTF-8?Q?Zwei_W=C3=B6rter?=\r\n " + word("utf-8", " – zusammen") + " tail", "body\r\n")
kind("latin-1", "=?iso-8859-1?Q?caf=E9?=", "Un café crème.\r\n", TEXT % ("iso-8859-1", "8bit"), "latin-1")
kind("iso-2022-jp", word("ISO-2022-JP", "日本語"), "こんにちは\r\n", TEXT % ("iso-2022-jp", "7bit"), "iso-2022-jp")
kind("koi8-r", word("KOI8-R", "Привет"), "Привет, мир!\r\n", TEXT % ("koi8-r", "8bit"), "koi8-r")
kind("all-octets", "Every octet but three", bytes(octet for octet in range(256) if octet not in (0, 10, 13)) + b"\r\n")
kind(
    "attachment",
    "With an attachment",
    parts(
        "=_part",
        "Content-Type: text/plain\r\n\r\nSee attached.",
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment; filename*=utf-8''%C3%BCbersicht.bin\r\n\r\n" + lines(bytes(range(256))).decode(),
    ),
    'Content-Type: multipart/mixed; boundary="=_part"\r\n',
)
BOUNDARY = "Content-Type: multipart/%s; boundary=nx\r\n"
both = parts("nx", "\r\nplain", "Content-Type: text/html\r\n\r\n<p>html")
kind("alternative", "Two of the same", both, BOUNDARY % "alternative")
kind("no-end", "The last boundary is missing", parts("nx", "\r\none", "\r\ntwo", end=False), BOUNDARY % "mixed")
kind("bad-type", "A broken Content-Type", "body\r\n", "Content-Type: text\r\nContent-Transfer-Encoding: x-unknown\r\n")
kind("twice", "Said twice", "body\r\n", "Subject: a second subject\r\n")
kind("quotes", 'quotes "and" \\backslashes\\ {3}', "body\r\n", 'Cc: "T \\"wo\\"" <two@example.test>, a group:;\r\n')
bare("few-headers", "Subject: nothing else\r\n\r\nbody\r\n")
bare("no-headers", "\r\nA body and no header.\r\n")
bare("no-header-end", "Subject: the header does not end\r\n")
kind("many-lines", "20,000 lines", "".join(f"{number}\r\n" for number in range(20_000)))
kind("large", "Five megabytes", lines(chance.randbytes(3_800_000)), "Content-Transfer-Encoding: base64\r\n")
for number in range(31):
    text = "".join(" ".join(chance.choices(WORDS, k=9)) + "\r\n" for _ in range(3 + number))
    kind(f"ordinary-{number}", f"{'Re: ' if number > 3 else ''}Topic {number % 4}", text)


def maildir(user, messages):
    folder = os.path.join(directory, "mail", user, "Maildir")
    for part in ("cur", "new", "tmp"):
        os.makedirs(os.path.join(folder, part))
    for number, (_, _, _, message) in enumerate(messages):
        stored = message.replace(b"\r\n", b"\n")
        name = f"{START + number * 60}.M{number:06}P1.interop,S={len(stored)},W={len(message)}:2,"
        path = os.path.join(folder, "cur", name)
        with open(path, "wb") as output:
            output.write(stored)
        os.utime(path, (START + number * 60,) * 2)


maildir("alice", kinds)
maildir("bob", kinds[:10])
maildir("jürgen", kinds[:3])
maildir("empty", [])
for number in range(8):
    maildir(f"spare{number}", kinds[:10])
with open(os.path.join(directory, "manifest.json"), "w") as output:
    manifest = [
        {"kind": name, "subject": subject, "id": known, "size": len(octets), "sha256": hashlib.sha256(octets).hexdigest()}
        for name, subject, known, octets in kinds
    ]
    json.dump(manifest, output)
