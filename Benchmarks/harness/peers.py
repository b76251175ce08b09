"""The systems beside ours, each as shipped and tuned: how to start them and what to ask of them."""

import base64
import http.client
import http.cookies
import json
import os
import re
import sqlite3
import subprocess
import urllib.parse

from . import load
from .processes import ROOT, Process, free_port

KIT = os.path.join(ROOT, "Benchmarks", "peers")
ENVIRONMENT = os.path.join(ROOT, ".build", "benchmarks", "django")
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


class Peer:
    """A running peer with `count` unused refresh tokens; subclasses say how it is asked."""

    name = check_url = refresh_path = content_type = body = member = ""
    headers = {}

    def __init__(self, folder, tuned, count):
        self.folder, self.tuned = folder, tuned
        self.title = self.name + (" tuned" if tuned else " as shipped")
        self.unused, self.access = [], ""
        self.process = self.start(count)

    def start(self, count):
        raise NotImplementedError

    def refresh(self, connections, seconds):
        """Starts load that refreshes, each connection with tokens of its own."""
        path = os.path.join(self.folder, "tokens.txt")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(self.unused.pop() + "\n" for _ in range(connections + 1))
        arguments = (path, self.refresh_path, self.content_type, self.body, self.member)
        return load.Load(self.process.url, connections, seconds, "peer-refresh.lua", arguments, self.headers)

    def check(self, connections, seconds):
        raise NotImplementedError

    def present(self, connection, token):
        """Refreshes with `token`; the next one, or None when it was refused."""
        headers = {"Content-Type": self.content_type, **self.headers}
        connection.request("POST", self.refresh_path, self.body.replace("%", token), headers)
        answer = connection.getresponse()
        data = answer.read()
        return json.loads(data)[self.member] if answer.status == 200 else None

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=60)


class Django(Peer):
    """Django REST framework with simplejwt, under gunicorn with a worker per core."""

    name = "Django simplejwt"
    refresh_path, content_type, body, member = "/refresh", JSON, '{"refresh":"%"}', "refresh"

    def start(self, count):
        kit = os.path.join(KIT, "django")
        environment = {
            "DJANGO_SETTINGS_MODULE": "settings", "PYTHONPATH": kit, "PYTHONDONTWRITEBYTECODE": "1",
            "PEER_DATABASE": os.path.join(self.folder, "django.sqlite"), "PEER_TUNED": str(int(self.tuned))}
        made = subprocess.run(
            [os.path.join(ENVIRONMENT, "bin", "python"), os.path.join(kit, "provision.py"), str(count)],
            env={**os.environ, **environment}, cwd=self.folder, capture_output=True, text=True, check=True)
        pairs = [line.split() for line in made.stdout.splitlines()]
        self.unused, self.access = [pair[0] for pair in pairs], pairs[0][1]
        port = free_port()
        return Process(
            [os.path.join(ENVIRONMENT, "bin", "gunicorn"), "--workers", str(os.cpu_count()),
             "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "wsgi:application"],
            port, "/ready", self.folder, environment)

    def check(self, connections, seconds):
        headers = {"Authorization": "Bearer " + self.access}
        return load.Load(self.process.url + "/whoami", connections, seconds, headers=headers)


class Glewlwyd(Peer):
    """Glewlwyd, an OpenID Connect server in C."""

    name = "Glewlwyd"
    refresh_path, content_type, member = "/api/oidc/token", FORM, "refresh_token"
    body = "grant_type=refresh_token&refresh_token=%"
    headers = {"Authorization": "Basic " + base64.b64encode(b"bench:bench-secret").decode()}
    ready = "/api/oidc/.well-known/openid-configuration"

    def start(self, count):
        self.make_database()
        port = free_port()
        with open(os.path.join(KIT, "glewlwyd.conf"), encoding="utf-8") as file:
            text = file.read().replace("@PORT@", str(port)).replace("@FOLDER@", self.folder)
        path = os.path.join(self.folder, "glewlwyd.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        # It serves its plugins only after the start that follows their configuration.
        with Process(["glewlwyd", "--config-file=" + path], port, "/config", self.folder) as process:
            provision(process.port)
        self.process = Process(["glewlwyd", "--config-file=" + path], port, self.ready, self.folder)
        self.unused = [self.login() for _ in range(count)]
        return self.process

    def make_database(self):
        database = sqlite3.connect(os.path.join(self.folder, "glewlwyd.db"))
        with open("/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3", encoding="utf-8") as file:
            database.executescript(file.read())
        if self.tuned:
            # The shipped tables lack these two, so that every look-up reads all tokens ever made.
            database.executescript(
                "PRAGMA journal_mode=WAL;"
                "CREATE INDEX bench_a ON gpo_access_token_scope (gpoa_id);"
                "CREATE INDEX bench_r ON gpo_refresh_token_scope (gpor_id);")
        database.close()

    def login(self):
        """One after the other: at once, first logins of a user trip over each other in Glewlwyd 2.7.5."""
        connection = self.connection()
        connection.request("POST", "/api/oidc/token", urllib.parse.urlencode({
            "grant_type": "password", "scope": "bench", "username": "bench",
            "password": "a password for benchmarks"}), {"Content-Type": FORM, **self.headers})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        self.access = answer["access_token"]
        return answer["refresh_token"]

    def check(self, connections, seconds):
        """Introspection, which it answers faster than its userinfo."""
        headers = {"Content-Type": FORM, **self.headers}
        arguments = (0, "POST", "token_type_hint=access_token&token=" + self.access)
        return load.Load(
            self.process.url + "/api/oidc/introspect", connections, seconds, arguments=arguments, headers=headers)


def provision(port):
    """Gives a new Glewlwyd a scope, OpenID Connect with rotating refresh tokens, a client and a user."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    cookies = {}

    def post(path, body):
        headers = {"Content-Type": JSON, "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        connection.request("POST", "/api" + path, json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"bench: Glewlwyd answered {path} with {answer.status} {text[:300]}")
        for value in answer.headers.get_all("Set-Cookie") or []:
            cookies.update((name, morsel.value) for name, morsel in http.cookies.SimpleCookie(value).items())

    post("/auth/", {"username": "admin", "password": "password"})
    post("/scope/", {"name": "bench", "display_name": "bench", "password_required": True,
                     "password_max_age": 0, "scheme": {}})
    post("/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "oidc", "enabled": True,
                          "parameters": openid_connect(port)})
    post("/client/", {"client_id": "bench", "name": "bench", "confidential": True, "enabled": True,
                      "client_secret": "bench-secret", "token_endpoint_auth_method": ["client_secret_basic"],
                      "authorization_type": ["password", "refresh_token", "client_credentials"],
                      "scope": ["bench"], "redirect_uri": ["http://127.0.0.1:9/"]})
    post("/user/", {"username": "bench", "name": "bench", "email": "bench@bench.example", "enabled": True,
                    "password": "a password for benchmarks", "scope": ["g_profile", "bench", "openid"]})
    connection.close()


def openid_connect(port):
    grants = {f"auth-type-{name}-enabled": name in ("code", "password", "client", "refresh")
              for name in ("code", "token", "id-token", "none", "implicit", "password", "client", "refresh", "device")}
    return {
        "iss": f"http://127.0.0.1:{port}", "jwt-type": "sha", "jwt-key-size": "256",
        "key": "for benchmarks on loopback only, 0123456789abcdef",
        "access-token-duration": 3600, "refresh-token-duration": 1209600, "code-duration": 600,
        "refresh-token-rolling": True, "refresh-token-one-use": "always", "allow-non-oidc": True,
        "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True, **grants}


def versions():
    frozen = subprocess.run([os.path.join(ENVIRONMENT, "bin", "pip"), "freeze"], capture_output=True, text=True,
                            check=True).stdout
    python = dict(re.findall(r"^(\S+)==(\S+)$", frozen, re.M))
    glewlwyd = subprocess.run(["dpkg-query", "-W", "-f=${Version}", "glewlwyd"], capture_output=True, text=True,
                              check=True).stdout
    names = ("Django", "djangorestframework", "djangorestframework_simplejwt", "gunicorn")
    return f"Glewlwyd {glewlwyd}, " + ", ".join(f"{name} {python[name]}" for name in names)
