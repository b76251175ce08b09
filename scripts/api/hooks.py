"""What schemathesis can't know of FinHub: how to log in, and which ids and tokens belong together.

Generated requests alone would meet 401, 403 and 404 and hardly anything behind them. So three of
four requests are led to things that exist, wherever that does not hide what a case is about: a part
of a request that was generated to be wrong stays as it is.

Ending sessions ends the run's own one too. So after every DELETE, and after every 401, the next
request logs in again.

Hundreds of wrong guesses come with generated requests. So each request comes from a client of its own, as
if through a proxy, the run's own session from one that nothing else comes from; and after a refused login
the user is unlocked, so that the next one is looked at again.

At the end each operation and the statuses it answered with are written to API_CHECK_STATUSES.
"""

import atexit
import base64
import collections
import hmac
import itertools
import json
import os
import struct
import time
import urllib.request

import schemathesis

BASE = os.environ["API_CHECK_URL"]
TENANT = "tenant_cloudvault"
TENANT_ID = "d1e2f3a4-b5c6-47d8-9e0f-1a2b3c4d5e6f"
ORGANIZATION = "f3a4b5c6-d7e8-49f0-1a2b-3c4d5e6f7a8b"
USER = "e2f3a4b5-c6d7-48e9-0f1a-2b3c4d5e6f7a"
CREDENTIALS = {
    "username": "petr.dvorak@cloudvault.io",
    "password": "your_secure_password",
    "tenantKey": "cvK_9XDw5g_Y_8aUtRQgPyX4aTBb",
    "tenantSecret": "your_tenant_secret",
}
BASIC = "Basic " + base64.b64encode(
    f"{CREDENTIALS['tenantKey']}:{CREDENTIALS['tenantSecret']}".encode()
).decode()

OWN_CLIENT = "198.51.100.1"
# A wrong password or code counts against the run's own user.
GUESSING = {
    "createSession", "changeExpiredPassword", "beginSecondFactor", "confirmSecondFactor", "removeSecondFactor",
    "renewRecoveryCodes",
}
PUBLIC = {"createSession", "livez", "readyz", "openapi"}


class Sessions:
    """The sessions of this run: the one it works with, and those that requests created."""

    def __init__(self):
        self.own = None
        self.known = {}

    def token(self):
        """The access token of the run's own session; logs in when there is none."""
        if self.own is None:
            self.own = self._create()
            self.remember(self.own)
        return self.own["token"]

    def remember(self, data):
        """Keeps the newest tokens of a session."""
        self.known[data["sessionId"]] = data

    def forget(self):
        """Assumes that whatever was open is ended."""
        self.own = None
        self.known.clear()

    def newest(self):
        """The session created or refreshed last; there is one after token()."""
        self.token()
        return next(reversed(self.known.values()))

    @staticmethod
    def _create():
        request = urllib.request.Request(
            f"{BASE}/api/v2.1/admin/organization/{ORGANIZATION}/users/{USER}/sessions",
            data=json.dumps(CREDENTIALS).encode(),
            headers={"X-Tenant-ID": TENANT, "Content-Type": "application/json", "X-Forwarded-For": OWN_CLIENT},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)["data"]


class SecondFactor:
    """A second factor of the run's own user, never left in force: the next login would ask for a code."""

    PATH = f"/api/v2.1/admin/users/{USER}/second-factor"

    def __init__(self):
        self.recovery_codes = []

    def begin(self):
        """A code that confirms the seed which this call makes."""
        return self._code(self._call("POST", {"currentPassword": CREDENTIALS["password"]})["secret"])

    def enrol(self):
        """Puts one in force, and gives one of its recovery codes."""
        self.recovery_codes = self._call("PUT", {"otp": self.begin()})["recoveryCodes"]
        return self.recovery_codes.pop()

    def after(self, name, response):
        """Removes what the call has left in force."""
        if response.status_code == 200 and name in ("confirmSecondFactor", "renewRecoveryCodes"):
            # A copy: the checks look at the answer after this.
            self.recovery_codes = list(response.json()["data"]["recoveryCodes"])
        if response.status_code == 200 and name == "removeSecondFactor":
            self.recovery_codes = []
        if self.recovery_codes:
            self._call("DELETE", {"otp": self.recovery_codes.pop()})
            self.recovery_codes = []

    def _call(self, method, body=None):
        return own_call(method, self.PATH, body)

    @staticmethod
    def _code(secret):
        """The six digits of this moment (RFC 6238)."""
        step = struct.pack(">Q", int(time.time()) // 30)
        digest = hmac.new(base64.b32decode(secret), step, "sha1").digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset:offset + 4])[0] & 0x7FFFFFFF
        return f"{number % 1_000_000:06d}"


def own_call(method, path, body=None, token=None):
    """Calls the API as the run's own session does, or another; the answer's data."""
    request = urllib.request.Request(
        BASE + path,
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "X-Tenant-ID": TENANT,
            "Authorization": f"Bearer {token or sessions.token()}",
            "Content-Type": "application/json",
            "X-Forwarded-For": OWN_CLIENT,
        },
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)["data"]


class Locksmith:
    """Another administrator, who lets in the run's own user: nobody unlocks oneself."""

    PASSWORD = "nine quiet herons left the pond at 4"

    def __init__(self):
        self.token = None

    def unlock(self):
        """Lets the run's user in again, whatever was guessed."""
        self.token = self.token or self._sign_in()
        own_call("POST", f"/api/v2.1/admin/users/{USER}/unlock", token=self.token)

    def _sign_in(self):
        users = f"/api/v2.1/admin/organization/{ORGANIZATION}/users"
        names = {"username": "locksmith", "email": "locksmith@cloudvault.io"}
        created = own_call("POST", users, names | {"roles": ["ADMIN"]})
        user, temporary = created["userId"], created["temporaryPassword"]
        path = f"{users}/{user}/sessions"
        order = CREDENTIALS | {"username": "locksmith", "password": temporary}
        restricted = own_call("POST", path, order)["token"]
        change = {"currentPassword": temporary, "newPassword": self.PASSWORD}
        own_call("PUT", f"/api/v2.1/admin/users/{user}/credentials", change, token=restricted)
        return own_call("POST", path, order | {"password": self.PASSWORD})["token"]


class GuineaPig:
    """A user to be changed, locked out and deleted in place of the run's own."""

    # What is done to the run's own user by one of these, the run does not outlive.
    OPERATIONS = {"changeUser", "deleteUser", "setPassword", "changeExpiredPassword", "resetPassword", "unlockUser"}

    def __init__(self):
        self.user = None
        self.numbers = itertools.count()

    def id(self):
        """The user's identifier; creates one when there is none."""
        if self.user is None:
            users = f"/api/v2.1/admin/organization/{ORGANIZATION}/users"
            self.user = own_call("POST", users, self.fields() | {"roles": ["MEMBER"]})["userId"]
        return self.user

    def fields(self):
        """Names that nobody has."""
        number = next(self.numbers)
        return {"username": f"pig-{number}", "email": f"pig-{number}@cloudvault.io"}

    def password(self):
        """A password that the user never had."""
        return f"heron {next(self.numbers)} left the quiet pond"

    def lead(self, case):
        """Puts the guinea pig in the place of the run's own user."""
        path = case.path_parameters
        if isinstance(path, dict) and path.get("userId") == USER:
            path["userId"] = self.id()
        if isinstance(case.body, dict) and case.body.get("userId") == USER:
            case.body["userId"] = self.id()

    def lead_body(self, body, operation):
        """Fills in what only this run can know."""
        if operation in ("createUser", "changeUser"):
            body.update({name: value for name, value in self.fields().items() if name in body})
            body.pop("temporaryPassword", None)
            body["roles"] = ["MEMBER"]
        elif operation == "setPassword":
            body["newPassword"] = self.password()
        elif operation == "resetPassword":
            body["userId"] = self.id()
        elif operation == "changeExpiredPassword":
            reset = own_call("POST", "/api/v2.1/admin/users/login/reset", {"userId": self.id()})
            body.pop("otp", None)
            body["username"] = own_call("GET", f"/api/v2.1/admin/users/{self.id()}")["username"]
            body["currentPassword"] = reset["temporaryPassword"]
            body["newPassword"] = self.password()

    def after(self, name, response):
        """Knows when the user is gone."""
        if name == "deleteUser" and response.status_code == 200:
            self.user = None


class Tenant:
    """The run's own tenant, whose policy, allowlist and credential the run must outlive."""

    POLICY = "replacePolicy"
    ALLOWLIST = "replaceAllowlist"
    CREDENTIALS = "/api/v2.1/admin/tenant/credentials"
    OPERATIONS = {POLICY, ALLOWLIST, "tryAllowlist", "rotateTenantCredential", "revokeTenantCredential"}

    def lead(self, case, operation):
        """Keeps the run in."""
        path = case.path_parameters
        if operation == "revokeTenantCredential" and isinstance(path, dict):
            if path.get("tenantKey") == CREDENTIALS["tenantKey"] or not is_negative(case, "path"):
                path["tenantKey"] = self.rotated()
                # The run's own is about to end from then on: without force the new one stays.
                if not is_negative(case, "query"):
                    case.query = {**(case.query or {}), "force": "true"}
        body = case.body
        if not isinstance(body, dict):
            return
        if operation == self.POLICY and not is_negative(case, "body"):
            body.update(own_call("GET", "/api/v2.1/admin/tenant/policy"))
        elif operation in (self.ALLOWLIST, "tryAllowlist") and not is_negative(case, "body"):
            body["ranges"] = ["0.0.0.0/0", "::/0"] if body.get("ranges") else []
        elif operation == "rotateTenantCredential" and "overlapSeconds" in body and not is_negative(case, "body"):
            body["overlapSeconds"] = 86_400

    def rotated(self):
        """The key of a credential that can be spared."""
        return own_call("POST", self.CREDENTIALS, {"overlapSeconds": 86_400})["tenantKey"]

    def after(self, name, response):
        """Makes room for the next credential."""
        if name in ("rotateTenantCredential", "revokeTenantCredential"):
            for credential in own_call("GET", self.CREDENTIALS)["items"]:
                if credential["inForce"] and credential["tenantKey"] != CREDENTIALS["tenantKey"]:
                    own_call("DELETE", f"{self.CREDENTIALS}/{credential['tenantKey']}?force=true")


sessions = Sessions()
tenant = Tenant()
guinea_pig = GuineaPig()
locksmith = Locksmith()
second_factor = SecondFactor()
clients = itertools.count()


def new_client():
    """An address that no request came from before."""
    number = next(clients)
    return f"203.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


turns = itertools.count()
statuses = collections.defaultdict(collections.Counter)


@atexit.register
def write_statuses():
    """One line for each operation: its name, then each status and how often it came."""
    with open(os.environ["API_CHECK_STATUSES"], "w", encoding="utf-8") as file:
        for name, counts in sorted(statuses.items()):
            print(name, *(f"{status}×{count}" for status, count in sorted(counts.items())), file=file)


@schemathesis.auth(refresh_interval=None)
class Login:
    """Gives every request that needs one its credential."""

    def get(self, case, context):
        operation = operation_id(context.operation)
        if operation in PUBLIC:
            return None
        return BASIC if operation in ("introspectToken", "changeExpiredPassword") else f"Bearer {sessions.token()}"

    def set(self, case, data, context):
        if data is not None:
            case.headers = case.headers or {}
            case.headers["Authorization"] = data


def operation_id(operation):
    return operation.definition.raw.get("operationId", "")


def is_negative(case, part):
    """Whether that part of the request was generated to be wrong."""
    components = case.meta.components if case.meta else {}
    return any(
        str(getattr(location, "value", location)) == part and info.mode.is_negative
        for location, info in components.items()
    )


def lead_path(case):
    path = case.path_parameters
    if not isinstance(path, dict) or is_negative(case, "path"):
        return
    existing = {"tenantKey": CREDENTIALS["tenantKey"], "organizationId": ORGANIZATION, "userId": USER, "tenantId": TENANT_ID}
    for name in path:
        if name in existing:
            path[name] = existing[name]
        elif name == "sessionId" and path[name] not in sessions.known:
            path[name] = sessions.newest()["sessionId"]


def lead_body(case, operation):
    if operation in ("removeSecondFactor", "beginSecondFactor") and not isinstance(case.body, dict) and not is_negative(case, "body"):
        # It may be missing for another user's, or a restricted token, and the run has its own and a full one.
        case.body, case.media_type = {}, "application/json"
    body = case.body
    if not isinstance(body, dict) or is_negative(case, "body"):
        return
    guinea_pig.lead_body(body, operation)
    if operation == "createSession":
        body.update(CREDENTIALS)
    elif operation == "refreshSession":
        session = sessions.known.get((case.path_parameters or {}).get("sessionId"))
        if session:
            body["refreshToken"] = session["refreshToken"]
    elif operation == "introspectToken":
        body["token"] = sessions.newest()["token"]
    elif operation == "beginSecondFactor":
        body["currentPassword"] = CREDENTIALS["password"]
    elif operation == "confirmSecondFactor":
        body["otp"] = second_factor.begin()
    elif operation in ("removeSecondFactor", "renewRecoveryCodes"):
        body["otp"] = second_factor.enrol()


def lead_headers(case, operation):
    headers = case.headers
    if headers is None or is_negative(case, "header"):
        return
    if "X-Tenant-ID" in headers:
        headers["X-Tenant-ID"] = TENANT
    if "If-Match" in headers:
        headers["If-Match"] = "*"
    session = sessions.known.get((case.path_parameters or {}).get("sessionId"))
    if operation == "refreshSession" and session and headers.get("Authorization") == f"Bearer {sessions.token()}":
        headers["Authorization"] = f"Bearer {session['token']}"


def strings(value):
    """Every string in a body, with the limit in bytes that FinHub sets it."""
    if isinstance(value, str):
        yield value, 256
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name, 64
            yield from strings(item)


def is_plain(name):
    """Whether nothing of a name is invisible; JSON Schema has no word for it."""
    return not isinstance(name, str) or name.isprintable() and name == " ".join(name.split())


def member(body, name, limit):
    """A string of a body, with its limit in bytes."""
    return [(body[name], limit)] if isinstance(body, dict) and isinstance(body.get(name), str) else []


@schemathesis.hook
def filter_body(context, body):
    """Leaves out bodies that only a limit in bytes forbids: JSON Schema counts characters."""
    limited = {
        "replaceHierarchy": strings,
        "createSession": lambda body: member(body, "otp", 64),
        "createUser": lambda body: member(body, "username", 128) + member(body, "email", 254),
        "changeUser": lambda body: member(body, "email", 254),
        "changeExpiredPassword": lambda body: member(body, "otp", 64),
    }.get(operation_id(context.operation), lambda body: [])
    if isinstance(body, dict) and not all(is_plain(body.get(name)) for name in ("username", "email")):
        return operation_id(context.operation) not in ("createUser", "changeUser")
    return not any(len(text) <= limit < len(text.encode(errors="replace")) for text, limit in limited(body))


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers = case.headers or {}
    case.headers["X-Forwarded-For"] = new_client()
    operation = operation_id(case.operation)
    if next(turns) % 4 != 3:
        lead_path(case)
        lead_body(case, operation)
        lead_headers(case, operation)
    if operation in GuineaPig.OPERATIONS:
        guinea_pig.lead(case)
    if operation in Tenant.OPERATIONS:
        tenant.lead(case, operation)


@schemathesis.hook
def after_call(context, case, response):
    name = operation_id(case.operation)
    statuses[name][response.status_code] += 1
    second_factor.after(name, response)
    guinea_pig.after(name, response)
    tenant.after(name, response)
    if response.request.method == "DELETE" or response.status_code == 401:
        sessions.forget()
    if name in GUESSING and response.status_code in (401, 429):
        locksmith.unlock()
    if response.status_code == 200 and name in ("createSession", "refreshSession"):
        sessions.remember(response.json()["data"])
