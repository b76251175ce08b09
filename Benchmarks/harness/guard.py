"""What keeping strangers out costs: policies, allowlists, limits; many tenants; long lists."""

import os
import statistics
import urllib.parse

from . import growth, load
from .processes import NO_RATES, micro
from .table import Row, at_least, number

CONNECTIONS = 32
RANGES, TENANTS, ROWS = 10_000, 10_000, 1_000_000
PAGE_MS = 5


def guard(bench):
    """The token check with everything on, beside one with everything off, in turns."""
    bare, guarded = bench.installation(), bench.installation()
    ranges = os.path.join(guarded.folder, "ranges.txt")
    with open(ranges, "w", encoding="ascii") as file:
        # With gaps between them, so that no two make one.
        file.writelines(f"10.{index >> 7}.{(index & 127) * 2}.0/24\n" for index in range(RANGES - 1))
        file.write("127.0.0.0/8\n")
    guarded.administer("allowlist", "set", "--file", ranges)
    guarded.administer(
        "policy", "set", "--bind-to-address", "true", "--bind-to-device", "true", "--strict-revocation", "true",
        "--concurrent-sessions", "100", "--password-maximum-age-days", "90", "--password-rules", "PCI")
    bench.say(f"guard: {2 * bench.rounds} rounds at {CONNECTIONS} connections, in turns, each in a process of its own")
    start = {"off": lambda: bare.serve(NO_RATES), "on": guarded.serve}
    found = {name: [] for name in start}
    for turn in range(2 * bench.rounds):
        # Two processes of one program differ by as much as the limit: where their memory happens to lie.
        for name in sorted(start, reverse=turn % 2 == 1):
            with start[name]() as server:
                [tokens] = load.logins(server, 1)
                load.current(server, tokens, CONNECTIONS, 1).result()
                found[name].append(load.current(server, tokens, CONNECTIONS, bench.seconds).result())
    bench.require_sound("guard", found["off"] + found["on"])
    bench.add(at_least(
        f"token check with limits, {number(RANGES)} allowed ranges, bound to its client, strict",
        f"{number(load.median(found['on']))}/s", f"with none of it: {number(load.median(found['off']))}/s",
        load.ratio(found["on"], found["off"]), 0.95))
    checks(bench)


def checks(bench):
    """One look at an allowlist, and one at a rate limit, within one process."""
    allowlist = micro("allowlist", "--rounds", str(3 * bench.rounds), "--ranges", str(RANGES))
    slower = max(allowlist["admitted_us"], allowlist["refused_us"])
    bench.add(Row(
        f"an address in {number(RANGES)} allowed ranges", f"{number(slower)} µs", "1 µs", slower, "≤ 1 µs",
        slower <= 1))
    limit = micro("ratelimit", "--rounds", str(3 * bench.rounds))
    slower = max(limit["check_us"], limit["flood_us"])
    bench.add(Row(
        f"a rate limit's check, {number(limit['callers'])} callers in turns, or a flood of distinct keys",
        f"{number(slower)} µs", "0.5 µs", slower / 0.5, "< 0.5 µs", slower < 0.5))


def tenants(bench):
    """Login, refresh and token check where there are many tenants, beside where there is one."""
    alone, among = bench.installation(), bench.installation()
    bench.say(f"tenants: making {number(TENANTS)}")
    among.seed(tenants=TENANTS)
    starts = []
    for name, connections in growth.CONNECTIONS.items():
        bench.say(f"tenants: {name}, {2 * bench.rounds} rounds in turns, each in a process of its own")
        runs = {alone: [], among: []}
        for turn in range(2 * bench.rounds):
            for installation in (alone, among) if turn % 2 == 0 else (among, alone):
                with installation.serve() as server:
                    growth.begin(name, server, connections, 1).result()
                    runs[installation].append(growth.begin(name, server, connections, bench.seconds).result())
                if installation is among:
                    starts.append(server.seconds_to_answer)
        bench.require_sound(name, runs[alone] + runs[among])
        bench.add(at_least(
            f"{name} beside {number(TENANTS)} tenants", f"{number(load.median(runs[among]))}/s",
            f"of the only tenant: {number(load.median(runs[alone]))}/s", load.ratio(runs[among], runs[alone]), 0.95))
    middle = statistics.median(starts)
    bench.add(Row(
        f"start to first answer at {number(TENANTS)} tenants", f"{number(middle * 1000)} ms", "1 s", middle, "< 1 s",
        middle < 1))


def pages(bench):
    """First pages and pages from the middle of long lists, one request after the other."""
    installation = bench.installation()
    bench.say(f"pages: making {number(ROWS)} users, and a user of {number(ROWS)} sessions")
    [busy] = installation.seed(ROWS, busy=1, many=ROWS, accounts=ROWS)
    users = f"/api/v2.1/admin/organization/{installation.organization}/users"
    sessions = installation.sessions_path_of(busy["user"])
    with installation.serve() as server:
        [tokens] = load.logins(server, 1)
        for what, path in (("users", users), ("sessions", sessions)):
            deep = cursor_of_page(server, tokens, path, 20)
            for place, query in (("first", ""), ("81st", f"cursor={urllib.parse.quote(deep)}")):
                page(bench, server, tokens, f"{place} page of {number(ROWS)} {what}", f"{path}?{query}")
            page(bench, server, tokens, f"the longest page of {number(ROWS)} {what}, 200", f"{path}?limit=200")
        page(bench, server, tokens, f"search in {number(ROWS)} users", f"{users}?search=account77")
        page(bench, server, tokens, f"search in {number(ROWS)} users that finds none", f"{users}?search=zzz")


def page(bench, server, tokens, what, path):
    runs = [
        load.Load(server.url + path, 1, bench.seconds, headers=load.bearer(server, tokens)).result()
        for _ in range(bench.rounds)
    ]
    bench.require_sound(what, runs)
    p99 = load.median(runs, "p99")
    bench.add(Row(
        f"{what}, p99", f"{number(p99)} ms", f"{PAGE_MS} ms", p99 / PAGE_MS, f"< {PAGE_MS} ms", p99 < PAGE_MS))


def cursor_of_page(server, tokens, path, count):
    """Where the list goes on after so many pages."""
    connection, cursor = server.connection(), ""
    for _ in range(count):
        query = f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""
        _, data = server.call(connection, "GET", f"{path}?limit=200{query}", tokens.token)
        cursor = data["nextCursor"]
    connection.close()
    return cursor
