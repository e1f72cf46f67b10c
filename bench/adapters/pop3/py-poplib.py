import os
import poplib
import sys
from threading import Lock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done, pool


def drop(n, size):
    client = poplib.POP3("127.0.0.1", args["port"])
    client.user(f"m{n}x{size}")
    client.pass_("x")
    return client


def all_of(client, count):
    octets = 0
    for i in range(1, count + 1):
        _, lines, _ = client.retr(i)
        octets += sum(map(len, lines)) + 2 * len(lines)
    client.quit()
    return octets


def latency(n, **_):
    client = drop(10, 100)
    for _ in range(n):
        client.stat()
    client.quit()
    done(n)


def many(n, size, **_):
    done(n, bytes=all_of(drop(n, size), n))


def listed(n, **_):
    client = drop(n, 2000)
    _, lines, _ = client.list()
    client.quit()
    done(len([tuple(map(int, line.split())) for line in lines]))


def conc(n, size, conc):
    lock, octets = Lock(), [0]

    def one(_):
        count = all_of(drop(n, size), n // conc)
        with lock:
            octets[0] += count

    pool(conc, conc, one)
    done(n, bytes=octets[0])


contest({"latency": latency, "many": many, "big": many, "list": listed, "conc": conc})
