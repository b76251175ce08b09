"""The table: rows in the order they were measured, for the terminal and for docs/benchmarks.md."""

from dataclasses import dataclass

HEADINGS = ("what", "measured", "yardstick or limit", "ratio", "target", "met")


@dataclass
class Row:
    what: str
    measured: str
    beside: str = ""
    ratio: float | None = None
    target: str = ""
    met: bool | None = None

    @property
    def cells(self):
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return (self.what, self.measured, self.beside, number(self.ratio), self.target, met)


def number(value):
    """Three significant digits, thousands apart."""
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def at_least(what, measured, beside, ratio, limit):
    return Row(what, measured, beside, ratio, f"≥ {number(limit)}", ratio >= limit)


def at_most(what, measured, beside, ratio, limit):
    return Row(what, measured, beside, ratio, f"≤ {number(limit)}", ratio <= limit)


def text(rows):
    """The table in columns."""
    lines = [HEADINGS] + [tuple(cell.replace("**", "") for cell in row.cells) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    padded = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return "\n".join([padded[0], "  ".join("-" * width for width in widths), *padded[1:]])


def markdown(rows):
    """The table in Markdown."""
    lines = [HEADINGS, ("---",) * len(HEADINGS)] + [row.cells for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def replace_section(path, name, body):
    """Puts `body` between the file's marks of that name, and leaves the rest as it is."""
    begin, end = f"<!-- {name}: written by the run -->", f"<!-- {name}: end -->"
    with open(path, encoding="utf-8") as file:
        before, mark, rest = file.read().partition(begin)
    _, closing, after = rest.partition(end)
    if not mark or not closing:
        raise SystemExit(f"bench: {path} has no place for {name}: {begin} … {end}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{begin}\n{body}\n{end}{after}")
