import os
import sys
import warnings
from threading import Lock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done, pool

warnings.simplefilter("ignore")
try:
    import nntplib
except ImportError:  # gone since Python 3.13
    sys.exit(77)


def reader(group=None):
    client = nntplib.NNTP("127.0.0.1", args["port"])
    if group:
        client.group(group)
    return client


def octets_of(info):
    return sum(map(len, info.lines)) + 2 * len(info.lines)


def latency(n, **_):
    client = reader()
    for _ in range(n):
        client.date()
    client.quit()
    done(n)


def overviews(n, step, keep):
    client = reader(f"t{n}x2000")
    rows = count = octets = length = 0
    kept = []
    for first in range(1, n + 1, step):
        _, answer = client.over((first, min(n, first + step - 1)))
        for number, fields in answer:
            rows += 1
            octets += int(fields[":bytes"])
            length += len(fields["subject"])
        if keep:
            kept.append(answer)
    client.quit()
    done(rows, bytes=octets)


def over(n, **_):
    overviews(n, 100000, False)


def overall(n, **_):
    overviews(n, n, True)


def articles(client, verb, count):
    return sum(octets_of(getattr(client, verb)(i)[1]) for i in range(1, count + 1))


def body(n, size, **_):
    done(n, bytes=articles(reader(f"b{n}x{size}"), "body", n))


def many(n, size, **_):
    done(n, bytes=articles(reader(f"t{n}x{size}"), "article", n))


def active(n, **_):
    _, groups = reader().list()
    done(len(groups))


def conc(n, size, conc):
    lock, octets = Lock(), [0]

    def one(_):
        client = reader(f"t{n}x{size}")
        count = articles(client, "article", n // conc)
        client.quit()
        with lock:
            octets[0] += count

    pool(conc, conc, one)
    done(n, bytes=octets[0])


contest(
    {"latency": latency, "over": over, "overall": overall, "body": body, "many": many, "active": active, "conc": conc}
)
