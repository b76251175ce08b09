"""What a hundred times as many sessions cost."""

import statistics
import time

from . import load
from .table import Row, at_most, number

FEW, MANY = 10_000, 1_000_000
BUSY, EACH = 5, 100_000
CONNECTIONS = {"login": 16, "refresh": 32, "token check": 32}


def growth(bench):
    small, large = bench.installation(), bench.installation()
    bench.say(f"growth: making {number(FEW)} and {number(MANY)} sessions")
    small.seed(FEW)
    busy = large.seed(MANY, busy=BUSY)
    starts(bench, large)
    with small.serve() as few, large.serve() as many:
        costs(bench, few, many)
        memory = {server: server.memory_mib() for server in (few, many)}
        bench.add(megabytes(f"resident memory after that load, {number(MANY)} sessions", memory[many],
                            f"{number(FEW)} sessions", memory[few]))
        end_all(bench, many, busy)


def starts(bench, installation):
    """Start and idle memory, beside an empty server's memory."""
    bench.say(f"growth: starting at {number(MANY)} sessions")
    seconds, memory = [], {}
    for name, started in (("empty", bench.installation()), ("full", installation)):
        for _ in range(3):
            with started.serve() as server:
                time.sleep(0.5)
                seconds.append(server.seconds_to_answer)
                memory[name] = server.memory_mib()
    middle = statistics.median(seconds[3:])
    bench.add(Row(
        f"start to first answer at {number(MANY)} sessions", f"{number(middle * 1000)} ms", "1 s", middle,
        "< 1 s", middle < 1))
    bench.add(megabytes(f"resident memory at {number(MANY)} sessions, idle", memory["full"],
                        "an empty store", memory["empty"]))


def megabytes(what, measured, beside, base):
    more = measured - base
    return Row(what, f"{number(measured)} MiB", f"{beside}: {number(base)} MiB", measured / base,
               "≤ 20 MiB more", more <= 20)


def costs(bench, few, many):
    """Login, refresh and token check on both, in turns."""
    for name, connections in CONNECTIONS.items():
        bench.say(f"growth: {name}, {bench.rounds} rounds in turns")
        runs = {few: [], many: []}
        for _ in range(bench.rounds):
            for server in (few, many):
                runs[server].append(begin(name, server, connections, bench.seconds).result())
        bench.require_sound(name, runs[few] + runs[many])
        rate = {server: load.median(runs[server]) for server in runs}
        bench.add(at_most(
            f"cost of a {name} at {number(MANY)} sessions", f"{number(rate[many])}/s",
            f"at {number(FEW)}: {number(rate[few])}/s", load.ratio(runs[few], runs[many]), 1.3))


def begin(name, server, connections, seconds):
    if name == "login":
        return load.login(server, connections, seconds)
    if name == "refresh":
        return load.refresh(server, connections, seconds)
    [tokens] = load.logins(server, 1)
    return load.current(server, tokens, connections, seconds)


def end_all(bench, server, busy):
    """Ends all sessions of each busy user, and shows one of their tokens as soon as that is answered."""
    installation, milliseconds, refused = server.installation, [], 0
    connection = server.connection()
    caller = server.login(connection)
    for user in busy:
        path = installation.sessions_path_of(user["user"])
        theirs = server.login(connection, path, installation.order_of(user["username"]))
        begun = time.perf_counter()
        status, data = server.call(connection, "DELETE", path, caller.token)
        milliseconds.append((time.perf_counter() - begun) * 1000)
        if (status, data) != (200, {"ended": EACH + 1}):
            bench.note(f"end all: not valid, answered {status} {data}")
        status, data = server.call(connection, "GET", "/api/v2.1/admin/sessions/current", theirs.token)
        refused += (status, data["error"]) == (401, "SESSION_REVOKED")
    connection.close()
    middle = statistics.median(milliseconds)
    bench.add(Row(
        f"ending a user's {number(EACH)} sessions of the last hour", f"{number(middle)} ms",
        f"slowest of {len(busy)}: {number(max(milliseconds))} ms", middle / 50, "< 50 ms", middle < 50))
    bench.add(Row(
        "their tokens, shown when that is answered", f"{refused} of {len(busy)} refused", "", None,
        "all", refused == len(busy)))
