"""One run of the benchmark: where it works, how long it measures, what it has found."""

import os
import resource
import shutil
import tempfile
import time

from .processes import ROOT, Installation, stop_all


class Bench:
    def __init__(self, seconds, rounds):
        self.seconds = seconds
        self.rounds = rounds
        self.rows = []
        self.notes = []
        self.begun = time.monotonic()
        self.others_begun = others_seconds()
        work = os.path.join(ROOT, ".build", "benchmarks")
        os.makedirs(work, exist_ok=True)
        # On the disk that the repository is on, never in memory: durability is measured.
        self.folder = tempfile.mkdtemp(prefix="run-", dir=work)
        self.made = 0

    def say(self, line):
        print(f"[{time.monotonic() - self.begun:4.0f} s] {line}", flush=True)

    def add(self, row):
        self.rows.append(row)
        self.say("  ".join(cell.replace("**", "") for cell in row.cells if cell))

    def note(self, line):
        self.notes.append(line)
        self.say(line)

    def require_sound(self, what, runs):
        """Names the runs whose figures are worthless: a wrong answer is no answer."""
        for run in runs:
            if run.complaint:
                self.note(f"{what}: not valid, {run.complaint}")
                return

    def others_share(self):
        """What part of the cores' time other programs took; known once all of ours have ended."""
        return (others_seconds() - self.others_begun) / (time.monotonic() - self.begun) / os.cpu_count()

    def new_folder(self):
        self.made += 1
        path = os.path.join(self.folder, str(self.made))
        os.mkdir(path, 0o700)
        return path

    def installation(self):
        """A fresh data folder with nothing but one tenant in it."""
        return Installation(self.new_folder())

    def finish(self):
        stop_all()
        shutil.rmtree(self.folder, ignore_errors=True)


def others_seconds():
    """CPU seconds that this machine's programs have used, but for this one and its ended children."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice = map(int, file.readline().split()[1:3])
    ours = sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (user + nice) / os.sysconf("SC_CLK_TCK") - ours
