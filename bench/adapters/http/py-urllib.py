# A connection for each request: urllib keeps none.
import os
import sys
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done


def ask(path):
    return urllib.request.urlopen(f"http://127.0.0.1:{args['port']}{path}")


def once(n, **_):
    done(n, bytes=sum(len(ask(f"/s{i}").read()) for i in range(n)))


def count(path):
    octets, answer = 0, ask(path)
    while came := answer.read(262144):
        octets += len(came)
    done(1, bytes=octets)


contest({
    "once": once,
    "stream": lambda size, **_: count(f"/n{size}"),
    "chunked": lambda size, **_: count(f"/c{size}"),
})
