"""What the figures were measured on: named beside them, for they mean nothing without."""

import datetime
import json
import os
import platform
import re
import subprocess

from .processes import ROOT, built


def output(*command):
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return (run.stdout + run.stderr).strip()


def first(pattern, text):
    found = re.search(pattern, text, re.M)
    return found.group(1).strip() if found else "unknown"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def file_system(path):
    """The type of the file system that holds `path`."""
    path = os.path.realpath(path)
    mounts = [line.split()[1:3] for line in read("/proc/mounts").splitlines()]
    holding = [(point, kind) for point, kind in mounts if os.path.commonpath([point, path]) == point]
    return max(holding, key=lambda mount: len(mount[0]))[1]


def packages():
    """The direct dependencies of Package.swift with the versions that were built."""
    pins = json.loads(read(os.path.join(ROOT, "Package.resolved")))["pins"]
    direct = read(os.path.join(ROOT, "Package.swift")).lower()
    named = [(pin["location"].rsplit("/", 1)[1].removesuffix(".git"), pin["state"]["version"])
             for pin in pins if pin["location"].lower() in direct]
    return ", ".join(f"{name} {version}" for name, version in sorted(named, key=lambda pin: pin[0].lower()))


def argon2id():
    """What a login's hash costs by default; libsodium knows one lane only."""
    settings = output(built("finhub"), "config")
    memory = int(first(r"^argon2-memory-kib +(\d+)", settings))
    passes = first(r"^argon2-passes +(\d+)", settings)
    return f"{memory:,} KiB, {passes} passes, 1 lane"


def facts(folder):
    """Pairs of what and which, for the head of the page."""
    gibibytes = int(first(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"))) / 1024**2
    return [
        ("Date", datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")),
        ("Revision", output("git", "describe", "--always", "--dirty", "--exclude", "*")),
        ("Machine", f"{first(r'^model name.*: (.*)', read('/proc/cpuinfo'))}, {os.cpu_count()} cores, "
                    f"{gibibytes:.0f} GiB; the load runs on it too"),
        ("System", f"{platform.system()} {platform.release()}, {file_system(folder)}"),
        ("Swift", first(r"Swift version (\S+)", output("swift", "--version")) + ", release build"),
        ("Packages", packages()),
        ("Libraries", f"SQLite {output('pkg-config', '--modversion', 'sqlite3')}, "
                      f"libsodium {output('pkg-config', '--modversion', 'libsodium')}"),
        ("Load", "wrk " + first(r"wrk (?:debian/)?(\S+)", output("wrk", "-v")) + ", one thread"),
        ("Argon2id", argon2id()),
    ]
