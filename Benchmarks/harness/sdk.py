"""A call through the Swift SDK beside one by the HTTP library that it stands on."""

from .processes import micro
from .table import Row, at_least, number

TASKS = 64
MOST_MICROSECONDS = 5


def sdk(bench):
    """CPU time of one call, and calls per second of many tasks, to one server; the two in turns."""
    bench.say(f"sdk: {bench.rounds} rounds, one task and {TASKS} tasks, in turns with async-http-client")
    installation = bench.installation()
    with installation.serve() as server:
        found = micro(
            "sdk", "--rounds", str(3 * bench.rounds), "--seconds", str(max(1, bench.seconds // 3)),
            "--tasks", str(TASKS), environment=identity(installation, server))
    call = "`GET /admin/sessions/current` by the SDK"
    bare = f"async-http-client alone: {number(found['bare_us'])} µs"
    bench.add(Row(
        f"{call}, CPU beyond the bare call's", f"{number(found['overhead_us'])} µs", bare,
        found["overhead_us"] / MOST_MICROSECONDS, f"≤ {MOST_MICROSECONDS} µs",
        found["overhead_us"] <= MOST_MICROSECONDS))
    bench.add(Row("the same with the answer read into a type", f"{number(found['typed_overhead_us'])} µs", bare))
    bench.add(at_least(
        f"{call}, {TASKS} tasks", f"{number(found['sdk_per_second'])}/s",
        f"async-http-client alone: {number(found['bare_per_second'])}/s", found["ratio"], 0.95))


def identity(installation, server):
    """Where and as whom, as the SDK reads it from the environment."""
    return {
        "FINHUB_URL": server.url, "FINHUB_TENANT": installation.tenant,
        "FINHUB_ORGANIZATION": installation.organization, "FINHUB_USER": installation.user,
        "FINHUB_USERNAME": installation.username, "FINHUB_PASSWORD": installation.credentials["password"],
        "FINHUB_TENANT_KEY": installation.credentials["tenantKey"],
        "FINHUB_TENANT_SECRET": installation.credentials["tenantSecret"],
    }
