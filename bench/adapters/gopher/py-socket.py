import os
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done, pool


def ask(selector):
    connection = socket.create_connection(("127.0.0.1", args["port"]))
    connection.sendall(selector.encode() + b"\r\n")
    return connection


def whole(selector):
    with ask(selector) as connection, connection.makefile("rb") as answer:
        return answer.read()


def latency(n, **_):
    for i in range(n):
        whole(f"/s{i}")
    done(n)


def many(n, conc, **_):
    pool(n, min(conc, 64), lambda i: whole(f"/s{i}"))
    done(n)


def menu(n, **_):
    items = []
    with ask(f"/m{n}") as connection, connection.makefile("rb") as answer:
        for line in answer:
            line = line.decode("utf-8", "replace").rstrip("\r\n")
            if line == ".":
                break
            name, selector, host, port = line[1:].split("\t")[:4]
            items.append((line[0], name, selector, host, port))
    done(len(items))


def stream(size, **_):
    count = 0
    with ask(f"/b{size}") as connection:
        while octets := connection.recv(262144):
            count += len(octets)
    done(1, bytes=count)


contest({"latency": latency, "many": many, "conc": many, "menu": menu, "stream": stream})
