"""The command line of every contestant: WORKLOAD port=P n=N size=S conc=C; the answer is one line of JSON."""
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

began = time.monotonic()
workload = sys.argv[1]
args = {"port": 0, "n": 0, "size": 0, "conc": 1}
args.update((key, int(value)) for key, value in (word.split("=") for word in sys.argv[2:]))


def done(items, **more):
    print(json.dumps({"items": items, **more, "ms": round((time.monotonic() - began) * 1000, 1)}), flush=True)


def pool(total, conc, task):
    threading.stack_size(256 * 1024)
    with ThreadPoolExecutor(min(conc, total)) as workers:
        list(workers.map(task, range(total)))


def contest(table):
    sys.exit(77) if workload not in table else table[workload](**{key: args[key] for key in ("n", "size", "conc")})
