#!/usr/bin/env python3
"""Runs netkit and others side by side, and prints a table for each workload.

    python3 bench/run.py gopher              everything of a protocol
    python3 bench/run.py gopher.menu -r 3    workloads that begin so, three rounds
    python3 bench/run.py -c 'netkit|raw' gopher
    python3 bench/run.py gopher -o bench/results/gopher.md

A contestant is a file adapters/<protocol>/<name>.(mjs|py|sh), run as `<file> WORKLOAD port=P key=value…`. It prints one
line of JSON: {"items": N, "bytes": N?, "ms": its own time}; who understands nothing gives "wire", the octets that came,
and no bytes. Status 77: it does not do that workload.
Rounds are interleaved (A B C A B C …), so that a slow moment of the machine is not one contestant's.
"""
import argparse
import glob
import hashlib
import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.join(HERE, "work")
MIB, GIB = 1 << 20, 1 << 30

# name: (arguments, unit of the rate, what is done). n things of `size` octets, `conc` at once.
WORKLOADS = {
    "gopher.latency": ({"n": 3000}, "items", "3,000 small documents, one after another"),
    "gopher.many": ({"n": 10000, "conc": 32}, "items", "10,000 small documents, 32 at once"),
    "gopher.conc": ({"n": 5000, "conc": 500}, "items", "5,000 small documents, 500 at once"),
    "gopher.menu": ({"n": 100000}, "items", "a menu of 100,000 lines, all items kept"),
    "gopher.menu1m": ({"n": 1000000}, "items", "a menu of 1,000,000 lines, all items kept"),
    "gopher.stream": ({"n": 1, "size": GIB}, "bytes", "1 GiB, streamed"),
    "http.latency": ({"n": 10000, "size": 100}, "items", "10,000 small GETs, one after another on one connection"),
    "http.many": ({"n": 20000, "size": 100, "conc": 50}, "items", "20,000 small GETs, 50 connections"),
    "http.conc": ({"n": 20000, "size": 100, "conc": 500}, "items", "20,000 small GETs, 500 connections"),
    "http.once": ({"n": 2000, "size": 100}, "items", "2,000 small GETs, one after another, a connection for each"),
    "http.stream": ({"n": 1, "size": GIB}, "bytes", "1 GiB with its length, streamed"),
    "http.chunked": ({"n": 1, "size": GIB}, "bytes", "1 GiB in chunks of 64 KiB, streamed"),
    "http.upload": ({"n": 1, "size": 256 * MIB}, "bytes", "256 MiB uploaded from a stream of 64 KiB chunks"),
    "http.xmlrpc": ({"n": 10000}, "items", "10,000 calls of a small method, one after another"),
    "http.xmlrpcbig": ({"n": 17500}, "items", "an answer of 5 MiB: a list of 17,500 structs"),
    "pop3.latency": ({"n": 5000}, "items", "5,000 STAT, one after another"),
    "pop3.many": ({"n": 10000, "size": 2000}, "items", "RETR of 10,000 messages of 2 kB"),
    "pop3.many100k": ({"n": 100000, "size": 2000}, "items", "RETR of 100,000 messages of 2 kB"),
    "pop3.big4m": ({"n": 1, "size": 4 * MIB}, "bytes", "RETR of a message of 4 MiB, into memory"),
    "pop3.big": ({"n": 1, "size": 64 * MIB}, "bytes", "RETR of a message of 64 MiB, into memory"),
    "pop3.stream": ({"n": 1, "size": GIB}, "bytes", "RETR of a message of 1 GiB, streamed"),
    "pop3.list": ({"n": 100000}, "items", "LIST of 100,000 messages, numbers and sizes kept"),
    "pop3.conc": ({"n": 5000, "size": 2000, "conc": 500}, "items", "500 connections at once, 10 messages of 2 kB on each"),
    "nntp.latency": ({"n": 5000}, "items", "5,000 DATE, one after another"),
    "nntp.over": ({"n": 1000000}, "items", "an overview of 1,000,000 articles; of each, number, octets and subject are read"),
    "nntp.over100k": ({"n": 100000}, "items", "the same of 100,000 articles"),
    "nntp.overall": ({"n": 1000000}, "items", "an overview of 1,000,000 articles, all kept"),
    "nntp.body": ({"n": 400, "size": 750000}, "bytes", "BODY of 400 yEnc articles of 750 kB"),
    "nntp.many": ({"n": 10000, "size": 2000}, "items", "ARTICLE of 10,000 articles of 2 kB"),
    "nntp.conc": ({"n": 5000, "size": 2000, "conc": 500}, "items", "500 connections at once, 10 articles of 2 kB on each"),
    "nntp.active": ({"n": 50000}, "items", "LIST ACTIVE of 50,000 groups, all kept"),
    "telnet.latency": ({"n": 5000}, "items", "5,000 lines, each when the one before has been answered"),
    "telnet.stream": ({"n": 1, "size": 512 * MIB}, "bytes", "512 MiB of text with some IAC in it, cleaned"),
    "telnet.stream32m": ({"n": 1, "size": 32 * MIB}, "bytes", "32 MiB of the same"),
    "telnet.iac": ({"n": 1, "size": 64 * MIB}, "bytes", "64 MiB with an IAC every 16 octets, cleaned"),
    "telnet.conc": ({"n": 5000, "conc": 500}, "items", "500 connections at once, 10 lines on each, one after another"),
}
# Who would take minutes does a part, and its figures are multiplied.
PARTS = {
    ("telnet.stream", "telnet-client"): 16,
    ("telnet.stream", "py-telnetlib"): 32,
    ("telnet.iac", "py-telnetlib"): 16,
}
# What a client should give of a stream, the server sends by another name. That is compared at a small size.
CLEAN = {"telnet.stream": b"clean", "telnet.iac": b"cleaniac"}
CHECKED = 2 * MIB
GREETING = b"welcome\r\n$ "  # of Telnet, before every stream
# A workload whose name ends in a size is another size of the same.
SIZES = re.compile(r"\d+[km]?$")
SLOW = 4  # seconds: who takes longer gives two rounds, and no more
TOLERANCE = 0.02  # of the octets: who leaves dots or the last CR LF is told, who is further off is not counted
SKIPPED = 77
RUNNERS = {".mjs": ["node", "--no-warnings"], ".py": ["python3"], ".sh": ["sh"]}
CLASSES = ["C", "raw Node", "netkit", "npm", "other"]


def class_of(file):
    name, kind = name_of(file), os.path.splitext(file)[1]
    if name.startswith("c-"):
        return "C"
    if name.startswith("raw-"):
        return "raw Node"
    if name.startswith("netkit"):
        return "netkit"
    return "npm" if kind == ".mjs" else "other"


# ---- before


def newer(sources, product):
    """Whether there is no product, or one of the sources has changed since."""
    return not os.path.exists(product) or any(os.path.getmtime(it) > os.path.getmtime(product) for it in sources)


def here(*words):
    return os.path.join(HERE, *words)


def compile_c(folder, product):
    sources = glob.glob(here(folder, "*.[ch]"))
    if newer(sources, here("work", product)):
        units = sorted(source for source in sources if source.endswith(".c"))
        subprocess.run(["gcc", "-O2", "-o", here("work", product), *units, "-lpthread"], check=True)


def prepare():
    """Builds what is not there: the server, the peers in C and, where there is Go, in Go, the npm peers, netkit."""
    os.makedirs(WORK, exist_ok=True)
    compile_c("server", "blast")
    compile_c("c", "discard")
    sources, peers = sorted(glob.glob(here("go", "*.go"))), here("work", "go-peers")
    if newer(sources, peers):
        try:
            environment = {**os.environ, "GO111MODULE": "off"}
            subprocess.run(["go", "build", "-o", peers, *sources], check=True, env=environment)
        except FileNotFoundError:
            print("without go: its contestants are left out (apt-get install golang-go)", file=sys.stderr)
    if newer([here("package.json")], here("node_modules", ".package-lock.json")):
        install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(install, cwd=HERE, check=True, stdout=sys.stderr)
    if not os.path.exists(here("..", "dist", "index.js")):
        subprocess.run(["npm", "run", "build"], cwd=here(".."), check=True, stdout=sys.stderr)


class Server:
    """The server that all contestants talk to; the kernel chooses its ports."""

    def __init__(self, protocols):
        words = [word for protocol in protocols for word in (protocol, "0")]
        self.process = subprocess.Popen(
            [os.path.join(WORK, "blast"), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ports = {}
        for line in self.process.stdout:
            if line == "ready\n":
                return
            protocol, port = line.split()
            self.ports[protocol] = int(port)
        raise SystemExit("the server did not start")

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


# ---- one run


def run_once(file, workload, port, args, limit):
    """One process, measured as a whole."""
    words = [workload, f"port={port}", *(f"{key}={value}" for key, value in args.items())]
    with open(os.path.join(WORK, "errors.log"), "w+") as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            [*RUNNERS[os.path.splitext(file)[1]], file, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
        timer = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        output = process.stdout.read().decode("utf-8", "replace")
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        trouble = " ".join(errors.read().split())[-200:]
    said = [json.loads(line) for line in output.splitlines() if line.startswith("{")] or [{}]
    return {
        "code": code,
        "trouble": trouble if wall < limit else f"not done after {limit:.0f} s",
        "wall": wall,
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        "rss": usage.ru_maxrss / 1024,
        "own": said[-1].get("ms", wall * 1000) / 1000,
        "items": said[-1].get("items"),
        "bytes": said[-1].get("bytes"),
        "wire": said[-1].get("wire"),
        "sha1": said[-1].get("sha1"),
    }


def name_of(file):
    return os.path.splitext(os.path.basename(file))[0]


def contestants(protocol, pattern):
    files = [file for kind in RUNNERS for file in glob.glob(os.path.join(HERE, "adapters", protocol, f"*{kind}"))]
    return sorted(file for file in files if re.search(pattern, name_of(file)))


def measure(name, files, server, rounds, limit):
    """All rounds of a workload: file -> list of runs, or the trouble it had; those that skip it are left out."""
    protocol, kind = name.split(".")
    args, _, _ = WORKLOADS[name]
    port, workload = server.ports[protocol], SIZES.sub("", kind)
    results = {file: [] for file in files}
    if files:
        run_once(files[0], workload, port, args, limit)  # the server makes what it sends at the first question
    changed = changes_octets(name, files, port, limit)
    for _ in range(rounds):
        for file in files:
            runs = results.get(file)
            if not isinstance(runs, list) or (len(runs) >= 2 and runs[0]["wall"] > SLOW):
                continue
            before = server.cpu()
            part = PARTS.get((name, name_of(file)), 1)
            run = run_once(file, workload, port, {**args, "size": args["size"] // part} if part > 1 else args, limit)
            run["server"] = server.cpu() - before
            run["changed"] = file in changed
            multiply(run, part)
            if run["code"] == SKIPPED:
                del results[file]
            elif run["code"] != 0:
                results[file] = f"failed ({run['code']}): {run['trouble']}"
            else:
                runs.append(run)
    return results


def changes_octets(name, files, port, limit):
    """Who gives other octets than those that a clean stream has."""
    key = SIZES.sub("", name)
    if key not in CLEAN:
        return set()
    right = hashlib.sha1(GREETING + clean(CLEAN[key], port)).hexdigest()
    said = {file: run_once(file, key.split(".")[1], port, {"n": 1, "size": CHECKED, "check": 1}, limit)["sha1"] for file in files}
    return {file for file, sha1 in said.items() if sha1 not in (None, right)}


def clean(verb, port):
    """What the server sends by that name, without its greeting."""
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rb") as answer:
        connection.sendall(b"%s %d\r\n" % (verb, CHECKED))
        return answer.read().split(GREETING, 1)[1]


def multiply(run, part):
    """A part, as if it were the whole: times, octets, and that it was a part."""
    for key in ("own", "wall", "user", "system", "server"):
        run[key] *= part
    if run["bytes"] is not None:
        run["bytes"] = (run["bytes"] - len(GREETING)) * part + len(GREETING) if part > 1 else run["bytes"]
    run["part"] = part


# ---- the table


def expected(name):
    """What a right answer has: the items, the octets or None, and the least that comes over the wire."""
    args, _, _ = WORKLOADS[name]
    items, octets = args["n"], args["n"] * args.get("size", 0)
    if name.startswith("nntp.over"):  # what the articles have, as the overviews say
        return items, sum(500 + number * 7919 % 800000 for number in range(1, items + 1)), 200 * items
    if name.startswith("telnet.") and octets:
        octets += len(GREETING)
    return items, octets or None, octets or 10 * items


def fault(run, items, octets, least):
    """What is not right about a run, and whether it may count all the same."""
    if run["items"] not in (None, items):
        return f"wrong: {run['items']} items", False
    if run["wire"] is not None and run["wire"] < least:
        return f"wrong: {run['wire']} octets", False
    part = f"extrapolated from 1/{run['part']}" if run["part"] > 1 else ""
    if octets is None or run["bytes"] in (None, octets):
        return ("wrong: other octets", False) if run["changed"] else (part, True)
    close = abs(run["bytes"] - octets) <= TOLERANCE * octets
    fault = f"{'not exact' if close else 'wrong'}: {run['bytes'] - octets:+,} octets"
    return ", ".join(filter(None, (fault, part))), close


def summarize(name, results):
    _, unit, _ = WORKLOADS[name]
    right = expected(name)
    amount = right[0] if unit == "items" else right[1]
    rows = []
    for file, runs in results.items():
        row = {"name": name_of(file), "class": class_of(file), "note": "", "counts": False}
        rows.append(row)
        if not isinstance(runs, list):
            row["note"] = runs
            continue
        for key in ("wall", "user", "system", "rss", "own", "server"):
            row[key] = statistics.median(run[key] for run in runs)
        row["fastest"], row["slowest"] = min(run["own"] for run in runs), max(run["own"] for run in runs)
        row["rate"] = amount / max(row["own"], 1e-6)
        row["note"], row["counts"] = min((fault(run, *right) for run in runs), key=lambda found: found[1])
    return sorted(rows, key=lambda row: (CLASSES.index(row["class"]), row.get("own", 1e9)))


def best(rows, kind):
    return min((row["own"] for row in rows if row["class"] == kind and row["counts"]), default=None)


def table(name, rows):
    _, unit, what = WORKLOADS[name]
    limits = [best(rows, kind) for kind in ("raw Node", "npm", "other")]
    lines = [
        f"### {name}: {what}",
        "",
        "| contestant | class | s (min-max) | rate | / raw Node | / npm | / other | process s | CPU s | RSS MiB | server s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        if "own" not in row:
            lines.append(f"| {row['name']} | {row['class']} | {row['note']} | | | | | | | | |")
            continue
        rate = f"{row['rate']:,.0f}/s" if unit == "items" else f"{row['rate'] / 1e6:,.0f} MB/s"
        ratios = [f"{row['own'] / limit:.2f}" if limit else "" for limit in limits]
        note = f" ({row['note']})" if row["note"] else ""
        cells = [
            row["name"] + note,
            row["class"],
            f"{row['own']:.3f} ({row['fastest']:.2f}-{row['slowest']:.2f})",
            rate,
            *ratios,
            f"{row['wall']:.2f}",
            f"{row['user'] + row['system']:.2f}",
            f"{row['rss']:.0f}",
            f"{row['server']:.2f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def version(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    except (FileNotFoundError, subprocess.CalledProcessError):
        return ""


def machine():
    """One line that says what it ran on."""
    with open("/proc/cpuinfo") as cpuinfo:
        models = re.findall(r"model name\s*: (.*)", cpuinfo.read())
    with open("/proc/meminfo") as meminfo:
        kilobytes = int(meminfo.readline().split()[1])
    go = re.search(r"go[\d.]+", version("go", "version"))
    parts = [
        f"{len(models)} x {models[0] if models else 'CPU'}",
        f"{kilobytes / 1048576:.0f} GiB",
        f"Linux {os.uname().release.split('-')[0]}",
        f"Node {version('node', '--version')}",
        version("python3", "--version"),
        go.group(0) if go else "",
        " ".join(version("curl", "--version").split()[:2]),
    ]
    return ", ".join(part for part in parts if part)


def main():
    parser = argparse.ArgumentParser(description="Runs netkit and others side by side.")
    parser.add_argument("workloads", nargs="?", default="", help="a protocol, or how a workload begins")
    parser.add_argument("-r", "--rounds", type=int, default=5)
    parser.add_argument("-c", "--contestants", default=".", metavar="REGEX")
    parser.add_argument("-t", "--limit", type=float, default=20, metavar="SECONDS", help="for one run")
    parser.add_argument("-o", "--output", metavar="FILE", help="also write the tables there")
    parser.add_argument("--list", action="store_true", help="only say what would run")
    options = parser.parse_args()
    names = [name for name in WORKLOADS if name.startswith(options.workloads)]
    if not names:
        parser.error(f"no workload begins with {options.workloads}: there are {', '.join(WORKLOADS)}")
    entries = {name: contestants(name.split(".")[0], options.contestants) for name in names}
    if options.list:
        for name, files in entries.items():
            print(f"{name}: {WORKLOADS[name][2]} ({', '.join(os.path.basename(file) for file in files)})")
        return
    prepare()
    server = Server(sorted({name.split(".")[0] for name in names}))
    try:
        title = f"{machine()}; {options.rounds} rounds, medians\n"
        print(title)
        tables = [title]
        for name, files in entries.items():
            tables.append(table(name, summarize(name, measure(name, files, server, options.rounds, options.limit))))
            print(tables[-1], flush=True)
        if options.output:
            with open(options.output, "w") as output:
                output.write("\n".join(tables))
    finally:
        server.close()


if __name__ == "__main__":
    main()
