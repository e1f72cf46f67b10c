import hashlib
import os
import sys
import warnings
from threading import Lock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done, pool

warnings.simplefilter("ignore")
from telnetlib import Telnet

PROMPT = b"$ "


def asked(count):
    """How many of the answers were right."""
    right = 0
    with Telnet("127.0.0.1", args["port"]) as client:
        client.read_until(PROMPT)
        for i in range(count):
            client.write(b"line %d\r\n" % i)
            right += client.read_until(PROMPT) == b"line %d: ok\r\n$ " % i
    return right


def latency(n, **_):
    done(asked(n))


def stream_of(verb):
    def stream(size, **_):
        count, digest = 0, hashlib.sha1() if "check" in args else None
        with Telnet("127.0.0.1", args["port"]) as client:
            client.write(b"%s %d\r\n" % (verb, size))
            while octets := client.read_some():
                count += len(octets)
                if digest:
                    digest.update(octets)
        done(1, bytes=count, **({"sha1": digest.hexdigest()} if digest else {}))

    return stream


def conc(n, conc, **_):
    lock, right = Lock(), [0]

    def one(_):
        count = asked(n // conc)
        with lock:
            right[0] += count

    pool(conc, conc, one)
    done(right[0])


contest({"latency": latency, "stream": stream_of(b"prose"), "iac": stream_of(b"iac"), "conc": conc})
