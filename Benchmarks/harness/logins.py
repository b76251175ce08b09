"""Logins: how close to the hash's own cost, and what a flood of them does to everybody else."""

import statistics
import time

from . import load
from .processes import micro
from .table import Row, at_least, number

CONNECTIONS, FLOOD = 16, 128
QUEUE, HASH_MIB, ROOM_MIB = 64, 19, 64


def login(bench):
    """Logins beside raw Argon2id on all cores, in turns."""
    bench.say(f"login: {bench.rounds} rounds at {CONNECTIONS} connections, in turns with raw Argon2id")
    raw, runs = [], []
    with bench.installation().serve() as server:
        load.login(server, CONNECTIONS, 1).result()
        for _ in range(bench.rounds):
            raw.append(micro("argon2id", "--seconds", str(bench.seconds)))
            runs.append(load.login(server, CONNECTIONS, bench.seconds).result())
    bench.require_sound("login", runs)
    limit = statistics.median(found["per_second"] for found in raw)
    ratio = statistics.median(run.rate / found["per_second"] for run, found in zip(runs, raw, strict=True))
    bench.add(at_least(
        f"login, {CONNECTIONS} connections", f"{number(load.median(runs))}/s",
        f"raw Argon2id on {raw[0]['cores']} cores: {number(limit)}/s", ratio, 0.9))


def flood(bench):
    """Far more logins than there are threads and places, with a light load of other requests beside."""
    bench.say(f"flood: logins on {FLOOD} connections, with refreshes and token checks beside")
    with bench.installation().serve() as server:
        time.sleep(1)
        idle = server.memory_mib()
        [tokens] = load.logins(server, 1)
        refreshes = load.refresh(server, 2, bench.seconds, pause=20)
        checks = load.current(server, tokens, 2, bench.seconds, arguments=[20])
        logins = load.login(server, FLOOD, bench.seconds).result()
        beside = {"refresh": refreshes.result(), "token check": checks.result()}
        peak = server.memory_mib("VmHWM")
    bench.require_sound("flood", [logins, *beside.values()])
    refused = f"{number(logins.starved / logins.seconds)}/s answered 503"
    bench.add(Row(f"login flood, {FLOOD} connections", f"{number(logins.rate)}/s let in", refused))
    for name, run in beside.items():
        bench.add(Row(
            f"{name} in the flood, p95", f"{number(run.p95)} ms", "200 ms", run.p95 / 200, "< 200 ms", run.p95 < 200))
    limit = idle + QUEUE * HASH_MIB + ROOM_MIB
    bench.add(Row(
        "highest resident memory in the flood", f"{number(peak)} MiB",
        f"idle {number(idle)} + {QUEUE} × {HASH_MIB} + {ROOM_MIB} MiB", peak / limit,
        f"≤ {number(limit)} MiB", peak <= limit))
