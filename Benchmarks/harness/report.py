"""Where the figures go: to the terminal, and from a whole run into docs/benchmarks.md."""

import os

from . import table
from .processes import ROOT

PAGE = os.path.join(ROOT, "docs", "benchmarks.md")


def publish(bench, section, facts, whole):
    others = ("Other programs", f"took {bench.others_share():.0%} of the cores' time meanwhile")
    head = [f"{name}: {value}" for name, value in [*facts, others]] + bench.notes
    print("\n" + "\n".join(head) + "\n\n" + table.text(bench.rows) + "\n")
    if not whole:
        print("a part, or shorter than usual: docs/benchmarks.md is left as it is")
        return
    body = "\n".join(f"- {line}" for line in head) + "\n\n" + table.markdown(bench.rows)
    table.replace_section(PAGE, section, body)
    print("written to docs/benchmarks.md")
