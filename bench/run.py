#!/usr/bin/env python3
"""Runs netkit and others side by side, and prints a table for each workload.

    python3 bench/run.py gopher              everything of a protocol
    python3 bench/run.py gopher.menu -r 3    workloads that begin so, three rounds
    python3 bench/run.py -c 'netkit|raw' gopher
    python3 bench/run.py gopher -o bench/results/gopher.md

A contestant is a file adapters/<protocol>/<name>.(mjs|py|sh), run as `<file> WORKLOAD port=P key=value…`. It prints one
line of JSON: {"items": N, "bytes": N?, "ms": its own time}. Status 77: it does not do that workload.
Rounds are interleaved (A B C A B C …), so that a slow moment of the machine is not one contestant's.
"""
import argparse
import glob
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.join(HERE, "work")
GIB = 1 << 30

# name: (arguments, unit of the rate, what is done)
WORKLOADS = {
    "gopher.latency": ({"n": 3000}, "items", "3,000 small documents, one after another"),
    "gopher.many": ({"n": 10000, "conc": 32}, "items", "10,000 small documents, 32 at once"),
    "gopher.conc": ({"n": 5000, "conc": 500}, "items", "5,000 small documents, 500 at once"),
    "gopher.menu": ({"n": 100000}, "items", "a menu of 100,000 lines, all items kept"),
    "gopher.menu1m": ({"n": 1000000}, "items", "a menu of 1,000,000 lines, all items kept"),
    "gopher.stream": ({"n": 1, "size": GIB}, "bytes", "1 GiB, streamed"),
}
# A workload whose name ends in a size is another size of the same.
SIZES = re.compile(r"\d+[km]?$")
SKIPPED = 77
RUNNERS = {".mjs": ["node", "--no-warnings"], ".py": ["python3"], ".sh": ["sh"]}
CLASSES = ["raw Node", "netkit", "npm", "other"]


def class_of(file):
    name, kind = os.path.splitext(os.path.basename(file))
    if name.startswith("raw-"):
        return "raw Node"
    if name.startswith("netkit"):
        return "netkit"
    return "npm" if kind == ".mjs" else "other"


# ---- before


def newer(source, product):
    return not os.path.exists(product) or os.path.getmtime(source) > os.path.getmtime(product)


def prepare():
    """Builds what is not there: the server, the peers in Go where there is Go, the npm peers, netkit."""
    os.makedirs(WORK, exist_ok=True)
    source, blast = os.path.join(HERE, "server", "blast.c"), os.path.join(WORK, "blast")
    if newer(source, blast):
        subprocess.run(["gcc", "-O2", "-o", blast, source, "-lpthread"], check=True)
    source, peers = os.path.join(HERE, "go", "main.go"), os.path.join(WORK, "go-peers")
    if newer(source, peers):
        try:
            environment = {**os.environ, "GO111MODULE": "off"}
            subprocess.run(["go", "build", "-o", peers, source], check=True, env=environment)
        except FileNotFoundError:
            print("without go: its contestants are left out (apt-get install golang-go)", file=sys.stderr)
    if not os.path.exists(os.path.join(HERE, "node_modules")):
        install = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run(install, cwd=HERE, check=True, stdout=sys.stderr)
    if not os.path.exists(os.path.join(HERE, "..", "dist", "index.js")):
        subprocess.run(["npm", "run", "build"], cwd=os.path.join(HERE, ".."), check=True, stdout=sys.stderr)


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
    }


def contestants(protocol, pattern):
    files = [file for kind in RUNNERS for file in glob.glob(os.path.join(HERE, "adapters", protocol, f"*{kind}"))]
    return sorted(file for file in files if re.search(pattern, os.path.splitext(os.path.basename(file))[0]))


def measure(name, files, server, rounds, limit):
    """All rounds of a workload: file -> list of runs, or the trouble it had; those that skip it are left out."""
    protocol, kind = name.split(".")
    args, _, _ = WORKLOADS[name]
    port, workload = server.ports[protocol], SIZES.sub("", kind)
    results = {file: [] for file in files}
    if files:
        run_once(files[0], workload, port, args, limit)  # the server makes what it sends at the first question
    for _ in range(rounds):
        for file in files:
            if not isinstance(results.get(file), list):
                continue
            before = server.cpu()
            run = run_once(file, workload, port, args, limit)
            run["server"] = server.cpu() - before
            if run["code"] == SKIPPED:
                del results[file]
            elif run["code"] != 0:
                results[file] = f"failed ({run['code']}): {run['trouble']}"
            else:
                results[file].append(run)
    return results


# ---- the table


def summarize(name, results):
    args, unit, _ = WORKLOADS[name]
    expected = {"items": args["n"], "bytes": args.get("size")}
    rows = []
    for file, runs in results.items():
        row = {"name": os.path.splitext(os.path.basename(file))[0], "class": class_of(file), "note": ""}
        rows.append(row)
        if not isinstance(runs, list):
            row["note"] = runs
            continue
        for key in ("wall", "user", "system", "rss", "own", "server"):
            row[key] = statistics.median(run[key] for run in runs)
        row["fastest"], row["slowest"] = min(run["own"] for run in runs), max(run["own"] for run in runs)
        row["rate"] = (expected[unit] or 0) / max(row["own"], 1e-6)
        wrong = [run for run in runs if any(run[k] not in (None, expected[k]) and expected[k] for k in expected)]
        if wrong:
            row["note"] = f"wrong: {wrong[0]['items']} items, {wrong[0]['bytes']} bytes"
    return sorted(rows, key=lambda row: (CLASSES.index(row["class"]), row.get("own", 1e9)))


def best(rows, kind):
    return min((row["own"] for row in rows if row["class"] == kind and "own" in row and not row["note"]), default=None)


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
    parser.add_argument("-t", "--limit", type=float, default=60, metavar="SECONDS", help="for one run")
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
