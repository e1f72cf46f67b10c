import os
import sys
import xmlrpc.client

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from args import args, contest, done


def server(path):
    return xmlrpc.client.ServerProxy(f"http://127.0.0.1:{args['port']}{path}")


def small(n, **_):
    proxy = server("/x")
    done(sum(proxy.add(i, 1) == 42 for i in range(n)))


def big(n, **_):
    items = server(f"/x{n}").list()
    done(sum(len(it["name"]) >= 20 and it["size"] == i and bool(it["modified"]) for i, it in enumerate(items)))


contest({"xmlrpc": small, "xmlrpcbig": big})
