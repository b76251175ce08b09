"""Child processes on loopback: started on free ports, watched in /proc, ended by their ids."""

import atexit
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PASSWORD = "a password for benchmarks"
_running = []
_LIMITS = (
    "LOGIN_PER_ADDRESS", "LOGIN_PER_TENANT", "REFRESH_PER_ADDRESS", "REFRESH_PER_TENANT", "REFRESH_PER_SESSION",
    "PER_ADDRESS", "PER_TENANT", "PER_SESSION")
# The load comes from one address and is of one tenant: the limits are in force, and out of reach.
RATES = {f"FINHUB_RATE_{name}": "60000000:10000000" for name in _LIMITS}
NO_RATES = {f"FINHUB_RATE_{name}": "0" for name in _LIMITS}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def built(product):
    """The path of an optimised executable of this package."""
    path = os.path.join(ROOT, ".build", "release", product)
    if not os.access(path, os.X_OK):
        raise SystemExit(f"bench: {path} is not there; run: make bench")
    return path


def micro(*arguments, environment=None):
    """What bench-micro has measured or made."""
    run = subprocess.run(
        [built("bench-micro"), *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, **(environment or {})})
    if run.returncode:
        raise SystemExit(f"bench: bench-micro {arguments[0]} failed: {run.stderr}")
    return json.loads(run.stdout)


class Process:
    """A server; `seconds_to_answer` is the time from its start to its first answer."""

    def __init__(self, command, port, path, folder, environment=None):
        self.port = port
        self.log = os.path.join(folder, os.path.basename(command[0]) + ".log")
        with open(self.log, "ab") as log:
            begun = time.monotonic()
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env={**os.environ, **(environment or {})},
            )
        _running.append(self)
        self.seconds_to_answer = self._first_answer(path, begun)

    def _first_answer(self, path, begun):
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        while time.monotonic() - begun < 60:
            if self.child.poll() is not None:
                raise SystemExit(f"bench: {self.child.args[0]} ended with {self.child.returncode}; see {self.log}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                    connection.settimeout(30)
                    connection.sendall(request)
                    if b" 200 " in connection.recv(64):
                        return time.monotonic() - begun
            except OSError:
                pass
            time.sleep(0.001)
        raise SystemExit(f"bench: no answer on port {self.port}; see {self.log}")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def memory_mib(self, field="VmRSS"):
        """Resident memory now (VmRSS) or at its highest (VmHWM)."""
        with open(f"/proc/{self.child.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"^{field}:\s+(\d+) kB", status.read(), re.M).group(1)) / 1024

    def stop(self):
        if self in _running:
            _running.remove(self)
        if self.child.poll() is None:
            self.child.terminate()
            try:
                self.child.wait(12)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def hello(folder):
    port = free_port()
    return Process([built("bench-hello"), str(port)], port, "/hello", folder)


@dataclass
class Tokens:
    session: str
    token: str
    refresh: str


class Installation:
    """A data folder that `finhub init` made, with one tenant and its administrator."""

    def __init__(self, folder):
        self.folder = folder
        made = subprocess.run(
            [built("finhub"), "init", "--data-dir", folder, "--tenant-slug", "tenant_bench",
             "--tenant-name", "Bench", "--admin-username", "admin@bench.example", "--password-stdin"],
            input=PASSWORD + "\n", capture_output=True, text=True, check=True,
        )
        shown = dict(re.findall(r"^  (\S+) +(\S+)", made.stdout, re.M))
        self.tenant = "tenant_bench"
        self.user = shown["userId"]
        self.organization = shown["organizationId"]
        self.username = "admin@bench.example"
        self.credentials = {
            "password": PASSWORD, "tenantKey": shown["tenantKey"], "tenantSecret": shown["tenantSecret"]}
        self.order = self.order_of(self.username)
        self.sessions_path = self.sessions_path_of(self.user)

    def order_of(self, username):
        return json.dumps({"username": username, **self.credentials})

    def sessions_path_of(self, user):
        return f"/api/v2.1/admin/organization/{self.organization}/users/{user}/sessions"

    def seed(self, sessions=0, busy=0, many=100_000, accounts=0, tenants=0):
        """Fills the folder with live sessions, users and tenants; the users that have `many` sessions each."""
        return micro("seed", "--data-dir", self.folder, "--user", self.user, "--sessions", str(sessions),
                     "--users", str(busy), "--many", str(many), "--accounts", str(accounts),
                     "--tenants", str(tenants))["users"]

    def administer(self, *command):
        """Runs `finhub tenant` on the folder."""
        subprocess.run(
            [built("finhub"), "tenant", *command, "--data-dir", self.folder, "--tenant", self.tenant],
            stdout=subprocess.DEVNULL, check=True)

    def serve(self, rates=None):
        return Server(self, rates or RATES)


class Server(Process):
    """`finhub serve` on an installation; all settings but the ports and rates at their defaults."""

    def __init__(self, installation, rates):
        self.installation = installation
        self.admin_port = free_port()
        port = free_port()
        command = [built("finhub"), "serve", "--data-dir", installation.folder, "--port", str(port),
                   "--admin-port", str(self.admin_port)]
        super().__init__(command, port, "/readyz", installation.folder, rates)

    def call(self, connection, method, path, token=None, body=None):
        """One request; the status and the envelope's data."""
        headers = {"X-Tenant-ID": self.installation.tenant}
        if token:
            headers["Authorization"] = "Bearer " + token
        if body:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())["data"]

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def login(self, connection, path=None, order=None):
        path, order = path or self.installation.sessions_path, order or self.installation.order
        status, data = self.call(connection, "POST", path, body=order)
        if status != 200:
            raise SystemExit(f"bench: a login was answered {status} {data}")
        return Tokens(data["sessionId"], data["token"], data["refreshToken"])

    def counters(self):
        """The counters of /metrics by name."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        return {name: float(value) for name, value in re.findall(r"^(finhub_\w+) (\S+)$", text, re.M)}


def stop_all():
    for process in list(_running):
        process.stop()


atexit.register(stop_all)
signal.signal(signal.SIGTERM, lambda *_: exit(143))
