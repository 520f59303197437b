"""The tables of the bench, in Markdown."""

import platform
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import isinf
from pathlib import Path
from statistics import fmean, median

from bench.agreement import Agreement, Comparison, standard_error
from bench.comparisons import Row
from bench.contenders import CIW, SIMPY
from bench.startup import Start
from bench.timing import Rates

RESULTS = Path(__file__).with_name("RESULTS.md")
PACKAGES = ("numba", "numpy", "simpy", "ciw")
YARDSTICKS = (SIMPY, CIW)
KERNEL_PART, START_PART = "kernel", "start"
PARTS = {
    "W1": "W1", "W2": "W2", KERNEL_PART: "The kernel against itself",
    START_PART: "From the command to its end",
}  # fmt: skip
"""Name on the command line -> heading, in the order of the page."""

Parts = dict[str, str]
"""name -> text of a part of the page."""

INTRODUCTION = (
    "Median over the rounds, lowest and highest in brackets; a ratio compares two contenders within"
    " one round. README.md says what is measured and how to read this."
)
SHARES_BELOW = 2.0
"""Means above this are times in seconds and want fewer decimals."""


@dataclass(frozen=True)
class Section:
    """What was measured of one workload."""

    workload: str
    agreement: Agreement
    rates: Rates


def page(found: Parts, kept: str) -> str:
    """Return the whole page; a part that was not measured now stays as `kept` has it."""
    parts = parts_of(kept) | found
    return "\n\n".join(
        ["# Results of the bench", INTRODUCTION, *(parts[name] for name in PARTS if name in parts)]
    ) + "\n"  # fmt: skip


def parts_of(text: str) -> Parts:
    """Return the parts of a page of results by name."""
    blocks = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    names = {heading: name for name, heading in PARTS.items()}
    found = {}
    for block in blocks:
        heading = block.splitlines()[0].removeprefix("## ")
        if heading in names:
            found[names[heading]] = block.strip()
    return found


def part(name: str, *blocks: str) -> Parts:
    """Return one part of the page, with the machine it was measured on."""
    return {name: "\n\n".join([f"## {PARTS[name]}", f"{machine()}.", *blocks])}


def workload_part(section: Section) -> Parts:
    """Return speeds, disagreements and figures of one workload."""
    return part(
        section.workload,
        speed_table(section),
        *disagreement_sentences(section.agreement),
        f"Figures of {section.workload}, mean ± standard error over replications; times in"
        " seconds:",
        figure_table(section.agreement),
    )


def kernel_part(rows: list[Row]) -> Parts:
    """Return one line per comparison of the kernel with itself."""
    lines = [[row.workload, row.what, spread(row.values, ".2f")] for row in rows]
    return part(KERNEL_PART, table(["workload", "comparison", "ratio"], lines)) if rows else {}


def start_part(starts: list[Start]) -> Parts:
    """Return one line per command that was started."""
    lines = [[each.what, spread(each.wall, ".2f"), spread(each.cpu, ".2f")] for each in starts]
    return part(START_PART, table(["command", "seconds", "CPU seconds"], lines))


def machine() -> str:
    """Describe the processor and the versions that matter."""
    versions = ", ".join(f"{name} {installed(name)}" for name in PACKAGES)
    return f"One core of {processor()}; Python {platform.python_version()}, {versions}"


def installed(package: str) -> str:
    """Return the version of a package, or say that it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """Return the model name of the processor, as far as the system tells."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text().splitlines() if described.exists() else []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def speed_table(section: Section) -> str:
    """Return speed, ratios to the yardsticks present, and agreement per contender."""
    yardsticks = [name for name in YARDSTICKS if name in section.rates]
    header = [
        "contender",
        "calls per CPU second",
        *(f"ratio to {yardstick}" for yardstick in yardsticks),
        "widest difference",
    ]
    rows = [
        [
            name,
            spread(section.rates[name], ",.0f"),
            *(ratio(section, name, yardstick) for yardstick in yardsticks),
            difference(section.agreement.widest[name]),
        ]
        for name in section.rates
    ]
    return table(header, rows)


def ratio(section: Section, name: str, yardstick: str) -> str:
    """Return the ratio round by round; none for or against a contender that disagrees."""
    if {name, yardstick} & section.agreement.disagreeing.keys():
        return "none, disagrees"
    if name == yardstick:
        return "1"
    pairs = zip(section.rates[name], section.rates[yardstick], strict=True)
    return spread([mine / theirs for mine, theirs in pairs], ".3g")


def spread(values: list[float], style: str) -> str:
    """Return the median with the lowest and highest behind it."""
    return f"{median(values):{style}} ({min(values):{style}} to {max(values):{style}})"


def difference(comparison: Comparison) -> str:
    """Return the figure that differs most from the other contenders, and by how much."""
    if comparison.distance == 0.0:
        return "none"
    return f"{comparison.figure}, {in_standard_errors(comparison)}"


def in_standard_errors(comparison: Comparison) -> str:
    """Return the distance of a comparison in words."""
    if isinf(comparison.distance):
        return "a constant that differs"
    return f"{comparison.distance:.1f} standard errors"


def disagreement_sentences(agreement: Agreement) -> list[str]:
    """Return a sentence per contender that disagrees, naming its figures."""
    return [
        f"**{name} disagrees with the others**: "
        + "; ".join(f"{each.figure} ({in_standard_errors(each)})" for each in found)
        + ". Its time means nothing."
        for name, found in agreement.disagreeing.items()
    ]


def figure_table(agreement: Agreement) -> str:
    """Return mean and standard error of every figure, one column per contender."""
    samples = agreement.samples
    names = list(samples)
    rows = [
        [figure, *(estimate(samples[name][figure]) for name in names)]
        for figure in samples[names[0]]
    ]
    return table(["figure", *names], rows)


def estimate(values: list[float]) -> str:
    """Return mean ± standard error; more decimals for shares than for seconds."""
    mean = fmean(values)
    decimals = 2 if mean > SHARES_BELOW else 4
    return f"{mean:.{decimals}f} ± {standard_error(values):.{decimals}f}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table; all columns but the first stand right."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows])
