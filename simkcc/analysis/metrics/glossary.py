"""The list of all figures: for `simkcc metrics`, and as docs/metrics.md.

python -m simkcc.analysis.metrics.glossary > docs/metrics.md
"""

import sys
from typing import Any

from simkcc.analysis.metrics import FAMILIES, LETTERS, METRICS, PERCENTILES

POOLED = (
    "Pooled over replications and calls: percentiles cannot be averaged. The upper edge of a bin, at "
    "most 1/32 too high."
)
DIMENSION_NAMES = {
    "topic": "topic", "queue": "queue", "half_hour": "half hour", "weekday": "weekday",
    "line": "line", "group": "group",
}  # fmt: skip

HEAD = """# Figures

Made by `python -m simkcc.analysis.metrics.glossary > docs/metrics.md`; `simkcc metrics` prints the same list.

A figure is a ratio of two sums over the calls that were dialled within what counts, warm-up left
out. What is not finished is open: a call stays outside a ratio as long as what the ratio asks about
it is not known. Each call counts once, under its first queue, at the half hour and weekday of
dialling; only the figures at each queue count every visit. A figure is computed by one function,
whoever asks: report, comparison or wallboard.

Where a figure says *also without a log*, `simkcc run --stream` has it too, by the same definition:
such a run keeps no contact log and needs the same memory however long it is. It splits calls by
topic only. What it cannot know it refuses by name.

Letters in formulas:
"""


def rows() -> list[dict[str, Any]]:
    """Return every figure: name, family, unit, names, formula, definition, and how it splits."""
    found = [
        {
            "name": each.name, "family": each.family, "unit": each.unit, "better": each.better,
            "nl": each.nl, "en": each.en, "formula": each.formula, "definition": each.definition,
            "by": list(each.dimensions), "without_log": each.streamed,
        }
        for each in METRICS.values()
    ]  # fmt: skip
    last = max(place for place, row in enumerate(found) if row["family"] == "waiting")
    percentiles = [
        {
            "name": name, "family": "waiting", "unit": "s", "better": "lower", "nl": each.nl,
            "en": each.en, "formula": each.formula, "definition": POOLED,
            "by": ["topic", "queue", "half_hour", "weekday"] if each.sample == "answered" else [],
            "without_log": each.sample == "answered",
        }
        for name, each in PERCENTILES.items()
    ]  # fmt: skip
    return [*found[: last + 1], *percentiles, *found[last + 1 :]]


def title_of(family: str, lang: str) -> str:
    """Return the title of a family of figures."""
    nl, en = FAMILIES.get(family, (family.capitalize(), family.capitalize()))
    return nl if lang == "nl" else en


def markdown() -> str:
    """Return the list as a page."""
    lines = [HEAD, *(f"- **{letter}** {meaning}" for letter, meaning in LETTERS.items())]
    family = ""
    for row in rows():
        if row["family"] != family:
            family = row["family"]
            lines += ["", f"## {title_of(family, 'en')} ({title_of(family, 'nl')})"]
        splits = ", ".join(DIMENSION_NAMES[name] for name in row["by"])
        also = [f"by {splits}"] * bool(splits) + ["also without a log"] * row["without_log"]
        lines += [
            "",
            f"### `{row['name']}`",
            "",
            f"{row['en']} · *{row['nl']}* · {row['unit']}",
            "",
            f"    {row['formula']}",
            "",
            row["definition"] + (f" ({'; '.join(also)})" if also else ""),
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
