"""Token checks and refreshes over HTTP, beside the HTTP library's own speed and the disk's."""

import os
import sqlite3
import statistics
import time

from . import load
from .processes import hello
from .table import Row, at_least, number

CONNECTIONS = 32
REFRESH_TARGETS = {32: (18_000, 4), 256: (26_000, 15)}


def current(bench):
    """GET /admin/sessions/current beside "hello", in turns: the machine's mood meets both."""
    bench.say(f"current: {bench.rounds} rounds at {CONNECTIONS} connections, in turns with hello")
    found = {"hello": [], "large": [], "current": []}
    with bench.installation().serve() as server, hello(bench.new_folder()) as yardstick:
        [tokens] = load.logins(server, 1)
        start = {
            "hello": lambda seconds: load.Load(yardstick.url + "/hello", CONNECTIONS, seconds),
            "current": lambda seconds: load.current(server, tokens, CONNECTIONS, seconds),
            "large": lambda seconds: load.Load(
                yardstick.url + "/large", CONNECTIONS, seconds, headers=load.bearer(server, tokens)),
        }
        for begin in start.values():
            begin(1).result()
        for _ in range(bench.rounds):
            for name, begin in start.items():
                found[name].append(begin(bench.seconds).result())
    for name, runs in found.items():
        bench.require_sound(name, runs)
    rate = {name: load.median(runs) for name, runs in found.items()}
    bench.add(at_least(
        f"`GET /admin/sessions/current`, {CONNECTIONS} connections", f"{number(rate['current'])}/s",
        f"bare Hummingbird, “Hello”: {number(rate['hello'])}/s",
        load.ratio(found["current"], found["hello"]), 0.85))
    bench.add(Row(
        "the same beside an equally large answer", f"{number(rate['current'])}/s",
        f"bare Hummingbird, same headers in, same size out: {number(rate['large'])}/s",
        load.ratio(found["current"], found["large"])))


def refresh(bench):
    """Refreshes that are on disk before they are answered, each connection with a session of its own."""
    commits = commits_per_second(bench)
    counts = list(REFRESH_TARGETS)
    bench.say(f"refresh: {bench.rounds} rounds at {' and '.join(map(str, counts))} connections")
    runs = {count: [] for count in counts}
    groups = {count: [] for count in counts}
    with bench.installation().serve() as server:
        load.refresh(server, CONNECTIONS, 1).result()
        for _ in range(bench.rounds):
            for count in counts:
                under_way = load.refresh(server, count, bench.seconds)
                before = server.counters()
                runs[count].append(under_way.result())
                after = server.counters()
                groups[count].append((
                    after["finhub_commits_total"] - before.get("finhub_commits_total", 0),
                    after["finhub_committed_changes_total"] - before.get("finhub_committed_changes_total", 0)))
    for count in counts:
        refresh_rows(bench, count, runs[count], groups[count], commits)


def refresh_rows(bench, count, runs, groups, commits):
    bench.require_sound(f"refresh at {count}", runs)
    limit, slowest = REFRESH_TARGETS[count]
    rate, p99 = load.median(runs), load.median(runs, "p99")
    per_second = statistics.median(group[0] / run.seconds for group, run in zip(groups, runs))
    rows_each = statistics.median(group[1] / group[0] for group in groups)
    bench.add(Row(
        f"refresh, on disk before the answer, {count} connections", f"{number(rate)}/s",
        f"SQLite, one row per commit: {number(commits)}/s", rate / commits,
        f"≥ {number(limit)}/s", rate >= limit))
    bench.add(Row(
        f"p99 of a refresh, {count} connections", f"{number(p99)} ms", f"{slowest} ms", p99 / slowest,
        f"≤ {slowest} ms", p99 <= slowest))
    bench.add(Row(
        f"commits behind that, {count} connections", f"{number(per_second)}/s",
        f"{number(rows_each)} rows per commit"))


def commits_per_second(bench):
    """The disk's own pace: transactions of one row, each waiting for the disk (`synchronous=FULL`)."""
    path = os.path.join(bench.new_folder(), "commits.sqlite")
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER);"
        "INSERT INTO t VALUES (1, 0)")
    count, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < min(bench.seconds, 2):
        database.execute("UPDATE t SET n = n + 1 WHERE id = 1")
        count += 1
    rate = count / (time.perf_counter() - begun)
    database.close()
    return rate


def start(bench):
    """Start and idle memory of a server with nothing in it."""
    bench.say("start: seven starts of an empty server")
    installation, times = bench.installation(), []
    for _ in range(7):
        with installation.serve() as server:
            times.append(server.seconds_to_answer * 1000)
    with installation.serve() as server:
        time.sleep(1)
        memory = server.memory_mib()
    middle = statistics.median(times)
    bench.add(Row(
        "start of an empty server to its first answer", f"{number(middle)} ms", "150 ms", middle / 150,
        "< 150 ms", middle < 150))
    bench.add(Row(
        "resident memory of an empty server, idle", f"{number(memory)} MiB", "40 MiB", memory / 40,
        "< 40 MiB", memory < 40))
