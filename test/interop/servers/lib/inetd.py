"""inetd.py CONFIG.json - starts a program for each connection, as inetd does; with TLS in front of it where asked.

CONFIG: {"services": [{"port": N, "argv": [...], "user": name or null, "log": path, "tls": {"cert": path, "key": path}}]}
A plain connection becomes standard input and output of the program. With TLS it gets one end of a socket pair, and what
goes over the other is relayed. The user is changed when this runs as root. TERM ends this and all programs.
"""
import json
import os
import pwd
import select
import signal
import socket
import ssl
import sys

CHUNK = 65536
children = set()


def become(user):
    if user and os.getuid() == 0:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)


def execute(service, descriptor):
    """Becomes the program."""
    log = os.open(service["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(descriptor, 0)
    os.dup2(descriptor, 1)
    os.dup2(log, 2)
    os.closerange(3, 256)
    become(service.get("user"))
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.chdir("/")
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8"}
    os.execve(service["argv"][0], service["argv"], environment)


def relay(service, connection):
    """Secures the connection, starts the program behind it, and carries octets in both directions to the end."""
    connection.settimeout(15)
    try:
        secured = service["context"].wrap_socket(connection, server_side=True)
    except OSError:
        return
    near, far = socket.socketpair()
    if os.fork() == 0:
        secured.detach()
        near.close()
        execute(service, far.fileno())
    far.close()
    secured.setblocking(False)
    carry(secured, near)
    try:
        secured.settimeout(5)
        secured.unwrap()
    except (OSError, ValueError):
        pass


def carry(secured, near):
    inward = outward = b""
    asking = answering = True
    while answering or outward:
        reading = [secured] * (asking and len(inward) < CHUNK) + [near] * (answering and len(outward) < CHUNK)
        writing = [near] * bool(inward) + [secured] * bool(outward)
        waiting = asking and secured.pending() > 0
        readable, writable, _ = select.select(reading, writing, [], 0 if waiting else 60)
        if not (readable or writable or waiting):
            return
        if asking and (waiting or secured in readable):
            try:
                octets = secured.recv(CHUNK)
                inward += octets
                asking = bool(octets)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                pass
            except OSError:
                asking = False
            if not asking and not inward:
                near.shutdown(socket.SHUT_WR)
        if near in readable:
            octets = near.recv(CHUNK)
            outward += octets
            answering = bool(octets)
        try:
            if near in writable:
                inward = inward[near.send(inward) :]
            if outward:
                outward = outward[secured.send(outward) :]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            return


def reap(*_):
    while children:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        children.discard(pid)


def quit_all(*_):
    for pid in list(children):
        try:
            os.kill(pid, signal.SIGTERM)
        except OSError:
            pass
    os._exit(0)


def serve(service, connection, listeners):
    """In a process of its own."""
    try:
        for listener in listeners:
            listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if "context" in service:
            relay(service, connection)
        else:
            execute(service, connection.fileno())
        os._exit(0)
    except BaseException as error:
        print(f"port {service['port']}: {error!r}", file=sys.stderr, flush=True)
        os._exit(127)


def main():
    with open(sys.argv[1]) as config:
        services = json.load(config)["services"]
    listeners = {}
    for service in services:
        listener = socket.create_server(("127.0.0.1", service["port"]), backlog=128)
        if "tls" in service:
            service["context"] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            service["context"].load_cert_chain(service["tls"]["cert"], service["tls"]["key"])
        listeners[listener] = service
    signal.signal(signal.SIGCHLD, reap)
    signal.signal(signal.SIGTERM, quit_all)
    while True:
        for listener in select.select(list(listeners), [], [], 5)[0]:
            connection, _ = listener.accept()
            pid = os.fork()
            if pid == 0:
                serve(listeners[listener], connection, listeners)
            children.add(pid)
            connection.close()


main()
