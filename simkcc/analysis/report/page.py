"""The page: everything a comparison has to say, in both languages, in one file that needs nothing."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import simkcc
from simkcc.analysis.compare import NO_DIFFERENCE, Comparison
from simkcc.analysis.language import LOCALES, decimal, listed, percent
from simkcc.analysis.money import claim
from simkcc.analysis.money.bridge import bridge, explain_bridge
from simkcc.analysis.report import live, pictures, tables
from simkcc.analysis.report.charts import colour_of
from simkcc.analysis.report.material import Material, Pair
from simkcc.analysis.report.paper import head, rendered
from simkcc.analysis.report.words import plain, said
from simkcc.analysis.verdict import paragraphs, turn_text

Part = dict[str, Any]


def html(material: Material, lang: str = "en") -> str:
    """Return the report; lang: the language it opens in."""
    known = json.dumps(live.document(material), allow_nan=False, ensure_ascii=False)
    return rendered(
        "page.html", lang, lambda each: view(material, each),
        document=known.replace("<", "\\u003c"),
    )  # fmt: skip


MOST_FIGURES = 8
"""Rows of differences that one page holds."""


def one_page(material: Material, lang: str) -> str:
    """Return the page a council reads: verdict, headline figures, norms, money, and on what it rests."""
    return rendered("brief.html", lang, lambda each: _brief(material, each))


def _title(material: Material, lang: str) -> str:
    return material.title.in_(lang) or material.comparison.arms[0].name


def _brief(material: Material, lang: str) -> Part:
    comparison = material.comparison
    return {
        **head(
            lang, "on_one_page", _title(material, lang), material.made,
            _simulated(comparison, lang),
        ),
        "command": material.command,
        "arms": _arms(comparison, lang),
        "verdict": paragraphs(comparison, lang)[1:],
        "differences": [
            {**table, "rows": _telling(table["rows"])}
            for table in tables.differences(comparison, lang)
        ],
        "norms": tables.norms(comparison, lang)[:1],  # the first scorecard is the one it answers to
        "costs": tables.costs(comparison, lang) if _priced(comparison) else [],
        "evidence": _evidence(comparison, lang),
        "source": comparison.arms[0].scenario.source,
    }  # fmt: skip


def _telling(rows: Sequence[Part]) -> list[Part]:
    """Return the headline figures in which an arm differs, so many as a page holds.

    The verdict above names the others.
    """
    silent = ("same", "exactly", "none")
    told = [
        row
        for row in rows
        if row["main"] and any(cell["kind"] not in silent for cell in row["cells"])
    ]
    return told[:MOST_FIGURES]


def _priced(comparison: Comparison) -> bool:
    """Return whether anything costs anything."""
    return any(arm.interval("cost").mean > 0 for arm in comparison.arms)


def view(material: Material, lang: str) -> Part:
    """Return everything the page says in one language."""
    comparison, pairs = material.comparison, material.pairs
    return {
        **head(lang, "report", _title(material, lang), material.made),
        "command": material.command,
        "arms": _arms(comparison, lang),
        "simulated": _simulated(comparison, lang),
        "verdict": paragraphs(comparison, lang),
        "differences": tables.differences(comparison, lang),
        "equals": tables.equals(comparison, lang),
        "legend": _legend(comparison, lang),
        "scorecards": tables.scorecards(comparison, lang),
        "letters": tables.letters(lang),
        "pictures": _pictures(comparison, lang),
        "costs": tables.costs(comparison, lang),
        "bridges": [_bridge(pair, comparison, lang) for pair in pairs],
        "turns": [turn_text(turn, comparison, lang) for turn in comparison.turns],
        "tornados": _drawn([pictures.tornado(pair, comparison, lang) for pair in pairs]),
        "panels": live.panels(material, lang),
        "grids": live.grids(material, lang),
        "claims": _claims(material, pairs, lang),
        "against": _against(comparison, lang),
        "second_line": _second_line(comparison, lang),
        "expectations": tables.expectations(comparison, lang),
        "assumptions": tables.assumptions(comparison, material.loaded, lang),
        "evidence": _evidence(comparison, lang),
        "remarks": _remarks(comparison, lang),
        "notes": list(dict.fromkeys(n for arm in comparison.arms for n in arm.scenario.notes)),
        "source": comparison.arms[0].scenario.source,
        "reproduce": _reproduce(material, lang),
        "applied": _applied(comparison, lang),
    }  # fmt: skip


def _arms(comparison: Comparison, lang: str) -> list[Part]:
    return [
        {
            "name": tables.short(arm, lang), "label": arm.label,
            "role": said("baseline" if place == 0 else "variant", lang),
            "colour": colour_of(place),
        }
        for place, arm in enumerate(comparison.arms)
    ]  # fmt: skip


def _simulated(comparison: Comparison, lang: str) -> str:
    from babel.dates import format_date

    first = comparison.arms[0]
    horizon = first.scenario.horizon
    calls = float(first.pairs("dialled")[0].sum())
    return said(
        "simulated", lang, runs=len(first.sums), days=decimal(horizon.length, 0, lang),
        start=format_date(horizon.start, "long", locale=LOCALES[lang]),
        calls=said("calls", lang, calls=decimal(calls, 0, lang)) if calls else "",
    )  # fmt: skip


def _legend(comparison: Comparison, lang: str) -> list[str]:
    study = comparison.inputs
    band = said("no_band", lang)
    if study is not None:
        band = said("band_lead", lang, draws=study.draws, varied=len(study.varied))
    return [said(name, lang) for name in ("differences_lead", "signs")] + [band, said("holm", lang)]


def _pictures(comparison: Comparison, lang: str) -> list[Part]:
    """Return the pictures of what callers meet; none of lines that lie on each other exactly."""
    some = pictures.groups_of(comparison)
    level = comparison.arms[0].scenario.norms.service_level
    differ = not {level, "asa"} <= set(tables.equal_everywhere(comparison))
    charts = [pictures.day(each, lang) for each in some] if differ else []
    charts.append(pictures.time(comparison, lang))
    return _drawn(charts + ([pictures.waits(each, lang) for each in some] if differ else []))


def _drawn(charts: Sequence[Part]) -> list[Part]:
    """Return the pictures in which there is anything to see."""
    return [chart for chart in charts if chart["svg"]]


def _bridge(pair: Pair, comparison: Comparison, lang: str) -> Part:
    found = pair.conclusion.difference
    drawn = pictures.bridge_of(pair, comparison, lang)
    noise = (found.high - found.low) / 2
    names = pictures.names_of(pair, comparison, lang)
    steps = bridge(pair.first, pair.second)
    steps = replace(steps, first=names["first"], second=names["second"])
    lines = explain_bridge(steps, noise, lang)
    if pair.conclusion.word == NO_DIFFERENCE:
        lines[-1] = f"{lines[-1]} {said('within_noise', lang)}"
    return {**drawn, "said": lines}


def _claims(material: Material, pairs: Sequence[Pair], lang: str) -> list[list[str]]:
    """Return what becomes of the claim for each arm with a provider, and what would refute it."""
    comparison = material.comparison
    norm = comparison.arms[0].scenario.norms.service_level
    found = []
    for pair in pairs:
        if not live.is_claim(comparison, pair.second.label):
            continue
        arms = pictures.names_of(pair, comparison, lang)
        first, second = arms["first"], arms["second"]
        words = claim.verdict(pair.first, pair.second, pair.service, lang=lang)
        said_of = [f"{second}: {words}."]
        if pair.conclusion.word == "cheaper":
            said_of.append(claim.refutation(first, second, pair.break_evens, lang))
        levels = [
            comparison.result(arm.label).interval(norm).mean for arm in (pair.first, pair.second)
        ]
        warning = claim.asymmetry(first, second, levels[0], levels[1], lang)
        found.append([*said_of, *([warning] if warning else [])])
    return found


def _against(comparison: Comparison, lang: str) -> list[str]:
    known = [each for arm in comparison.arms for each in arm.scenario.counter_evidence]
    return list(dict.fromkeys(claim.counter_evidence(known, lang)))


def _second_line(comparison: Comparison, lang: str) -> list[Part]:
    """Return what is known of each arm's promises that its averages do not show."""
    found = []
    for arm in comparison.arms:
        for status in dict.fromkeys(arm.statuses.values()):
            words = status.nl if lang == "nl" else status.en
            found.append({"arm": tables.short(arm, lang), "status": status.name, "text": words})
    return found


def _evidence(comparison: Comparison, lang: str) -> list[Part]:
    """Return how many numbers have which mark, with their share."""
    known = comparison.evidence
    if known is None or not known.total:
        return []
    counts = {
        "A": known.assumed, "M": known.measured, "D": known.derived, "G": known.given,
        "-": known.unmarked,
    }  # fmt: skip
    return [
        {"mark": mark, "word": said(mark, lang), "count": count,
         "share": percent(count / known.total, 0, lang)}
        for mark, count in counts.items()
        if count
    ]  # fmt: skip


def _remarks(comparison: Comparison, lang: str) -> list[str]:
    """Return what must be known of volume, inputs and precision."""
    found = []
    scale = comparison.arms[0].callers_per_attempt
    if scale != 1:
        found.append(said("attempts", lang, share=percent(scale, 1, lang)))
    if comparison.inputs is not None and comparison.inputs.not_varied:
        keys = listed(list(comparison.inputs.not_varied), lang)
        found.append(said("not_varied", lang, keys=keys))
    return found


def _reproduce(material: Material, lang: str) -> list[tuple[str, str]]:
    first = material.comparison.arms[0]
    files = dict.fromkeys(str(each.path) for each in material.loaded)
    return [
        (said("version", lang), f"simkcc {simkcc.__version__}"),
        (said("file", lang), ", ".join(files)),
        (said("seed", lang), str(first.seed)),
        (said("replications", lang), str(len(first.sums))),
    ]


def _applied(comparison: Comparison, lang: str) -> list[Part]:
    """Return what each arm's variant and settings changed."""
    return [
        {
            "arm": tables.short(arm, lang),
            "keys": [(key, plain(value, lang)) for key, value in arm.applied.items()
                     if not key.startswith("title")],
        }
        for arm in comparison.arms
    ]  # fmt: skip
