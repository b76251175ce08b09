"""Load by wrk, and what it measured."""

import json
import os
import re
import statistics
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .processes import ROOT

SCRIPTS = os.path.join(ROOT, "Benchmarks", "load")


@dataclass
class Run:
    """One run: answers that were as they should be, and latencies in milliseconds."""

    good: int
    bad: int
    starved: int
    broken: int
    seconds: float
    p50: float
    p95: float
    p99: float
    max: float
    first_bad: str

    @property
    def rate(self):
        return self.good / self.seconds

    @property
    def complaint(self):
        """What makes the run's figures worthless; empty for a sound run."""
        if self.bad or self.broken:
            return f"{self.bad} wrong answers, {self.broken} broken connections: {self.first_bad}"
        return "" if self.good else "no answer at all"


class Load:
    """A wrk process under way."""

    def __init__(self, url, connections, seconds, script="same.lua", arguments=(), headers=None):
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s",
                   "-s", os.path.join(SCRIPTS, script)]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        command += [url, "--", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self):
        output, _ = self.process.communicate()
        line = re.search(r"^RESULT (.*)$", output, re.M)
        if not line:
            raise SystemExit("bench: wrk gave no result:\n" + output[-2000:])
        return Run(**json.loads(line.group(1)))


def bearer(server, tokens):
    return {"X-Tenant-ID": server.installation.tenant, "Authorization": "Bearer " + tokens.token}


def current(server, tokens, connections, seconds, **options):
    """Starts load on the token check: who am I?"""
    url = server.url + "/api/v2.1/admin/sessions/current"
    return Load(url, connections, seconds, headers=bearer(server, tokens), **options)


def refresh(server, connections, seconds, pause=0):
    """Starts load that refreshes sessions, each made for it."""
    path = os.path.join(server.installation.folder, "sessions.txt")
    with open(path, "w", encoding="ascii") as file:
        for tokens in logins(server, connections + 1):
            file.write(f"{tokens.session} {tokens.token} {tokens.refresh}\n")
    arguments = (path, server.installation.tenant, 1, pause)
    return Load(server.url, connections, seconds, "refresh.lua", arguments)


def login(server, connections, seconds):
    installation = server.installation
    arguments = (installation.sessions_path, installation.tenant, installation.order)
    return Load(server.url, connections, seconds, "login.lua", arguments)


def logins(server, count):
    """The tokens of so many new sessions."""
    def some(number):
        connection = server.connection()
        made = [server.login(connection) for _ in range(number)]
        connection.close()
        return made

    workers = min(8, count)
    shares = [count // workers + (index < count % workers) for index in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        return [tokens for made in pool.map(some, shares) for tokens in made]


def median(runs, figure="rate"):
    return statistics.median(getattr(run, figure) for run in runs)


def ratio(runs, others):
    """The median of each round's own ratio of rates: what slows the machine down slows both of a round."""
    return statistics.median(run.rate / other.rate for run, other in zip(runs, others, strict=True))
