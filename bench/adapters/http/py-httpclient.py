import http.client
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done, pool

own = threading.local()


def ask(method, path, body=None, headers={}):
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPConnection("127.0.0.1", args["port"])
    own.connection.request(method, path, body, headers)
    return own.connection.getresponse()


def latency(n, **_):
    done(n, bytes=sum(len(ask("GET", f"/s{i}").read()) for i in range(n)))


def many(n, conc, **_):
    sizes = []
    pool(n, conc, lambda i: sizes.append(len(ask("GET", f"/s{i}").read())))
    done(n, bytes=sum(sizes))


def count(path):
    octets, answer, room = 0, ask("GET", path), bytearray(262144)
    while came := answer.readinto(room):
        octets += came
    done(1, bytes=octets)


def upload(size, **_):
    chunk = b"x" * 65536
    body = (chunk for _ in range(size // len(chunk)))
    done(1, bytes=int(ask("PUT", "/u", body, {"Content-Length": str(size)}).read()))


contest({
    "latency": latency,
    "many": many,
    "conc": many,
    "stream": lambda size, **_: count(f"/n{size}"),
    "chunked": lambda size, **_: count(f"/c{size}"),
    "upload": upload,
})
