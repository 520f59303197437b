"""What `simkcc run` and `simkcc compare` show: the verdict, the table with both bands, footnotes."""

import sys
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from simkcc.commands.screen import console, say
from simkcc.commands.screen_scorecards import print_scorecards

TEXTS = {
    "figure": {"en": "figure", "nl": "cijfer"},
    "mean": {"en": "mean ± 95 %", "nl": "gemiddelde ± 95 %"},
    "minus": {"en": "{arm}\nminus {baseline}", "nl": "{arm}\nmin {baseline}"},
    "diverges": {"en": "no mean: keeps growing", "nl": "geen gemiddelde: blijft groeien"},
    "unpriced": {"en": "no price given", "nl": "geen prijs opgegeven"},
    "no_price": {
        "en": (
            "No price is given{where}, so what it costs is not known; give groups.NAME.per_hour, a "
            "contract under providers, or costs.per_year."
        ),
        "nl": (
            "Er is geen prijs opgegeven{where}, dus is niet bekend wat het kost; geef "
            "groups.NAAM.per_hour, een contract onder providers, of costs.per_year."
        ),
    },
    "runs": {
        "en": "{n} replications, seed {seed}. ± is the 95 % interval of simulation noise.",
        "nl": "{n} herhalingen, startgetal {seed}. ± is het 95 %-interval van de simulatieruis.",
    },
    "refused": {
        "en": "Not without a contact log (run without --stream): {names}.",
        "nl": "Niet zonder contactlog (draai zonder --stream): {names}.",
    },
    "paired": {
        "en": (
            "{n} replications, seed {seed}. Differences are paired on the same callers; ± is the "
            "95 % interval of simulation noise; = marks no detectable difference (Holm-corrected; "
            "* marks the figures the comparison is about, judged together)."
        ),
        "nl": (
            "{n} herhalingen, startgetal {seed}. Verschillen zijn gepaard op dezelfde bellers; ± is het "
            "95 %-interval van de simulatieruis; = is geen aantoonbaar verschil (gecorrigeerd "
            "volgens Holm; * zijn de cijfers waarover de vergelijking gaat, samen beoordeeld)."
        ),
    },
    "inputs": {
        "en": (
            "[low … high] holds nine of ten of {draws} draws of {varied} assumed inputs; "
            "~ depends on them. Assumed but not varied: {rest}."
        ),
        "nl": (
            "[laag … hoog] bevat negen van de tien van {draws} trekkingen van {varied} aangenomen "
            "cijfers; ~ hangt ervan af. Aangenomen maar niet gevarieerd: {rest}."
        ),
    },
    "nothing": {"en": "nothing", "nl": "niets"},
    "attempts": {
        "en": (
            "The stated volume counts attempts; {share} of them are first attempts of callers "
            "(fixed point in the baseline)."
        ),
        "nl": (
            "Het opgegeven volume telt pogingen; {share} ervan zijn eerste pogingen van bellers "
            "(vast punt in het uitgangspunt)."
        ),
    },
    "evidence": {
        "en": (
            "Inputs: {given} given, {derived} derived, {assumed} assumed ({share}), "
            "{measured} measured, {unmarked} unmarked."
        ),
        "nl": (
            "Invoer: {given} gegeven, {derived} afgeleid, {assumed} aangenomen ({share}), "
            "{measured} gemeten, {unmarked} zonder herkomst."
        ),
    },
    "precise": {
        "en": "Precision: {what} of {arm} reached with {n} replications: {found} ({asked} asked).",
        "nl": (
            "Precisie: {what} van {arm} gehaald met {n} herhalingen: {found} ({asked} gevraagd)."
        ),
    },
    "imprecise": {
        "en": (
            "Precision: {what} of {arm} not reached: {found} after {n} replications where {asked} "
            "was asked; about {needed} would be needed. --at-most and --minutes set the limits."
        ),
        "nl": (
            "Precisie: {what} van {arm} niet gehaald: {found} na {n} herhalingen, waar {asked} was "
            "gevraagd; er zouden er ongeveer {needed} nodig zijn. --at-most en --minutes bepalen de "
            "grenzen."
        ),
    },
    "impossible": {
        "en": (
            "Precision: {what} of {arm} cannot be reached: too few replications hold such a figure "
            "({n} were made)."
        ),
        "nl": (
            "Precisie: {what} van {arm} is niet te halen: te weinig herhalingen bevatten dit cijfer "
            "({n} gemaakt)."
        ),
    },
    "ordering": {
        "en": "{metric}: {variant} {sign} than {versus}",
        "nl": "{metric}: {variant} {sign} dan {versus}",
    },
    "equality": {
        "en": "{metric}: {variant} equal to {versus}",
        "nl": "{metric}: {variant} gelijk aan {versus}",
    },
    "value": {
        "en": "{metric} of {variant}: {value} ± {tolerance}",
        "nl": "{metric} van {variant}: {value} ± {tolerance}",
    },
    "absence": {
        "en": "{metric} of {variant}: no such figure",
        "nl": "{metric} van {variant}: dat cijfer bestaat niet",
    },
    "every": {"en": "every variant", "nl": "elke variant"},
    "higher": {"en": "higher", "nl": "hoger"},
    "lower": {"en": "lower", "nl": "lager"},
    "judged": {
        "en": "expectation ({basis}) {what}: {word}, found {found}",
        "nl": "verwachting ({basis}) {what}: {word}, gevonden {found}",
    },
    "input": {"en": "input", "nl": "ingevoerd"},
    "fitted": {"en": "fitted", "nl": "afgeregeld"},
    "predicted": {"en": "predicted", "nl": "voorspeld"},
    "met": {"en": "met", "nl": "uitgekomen"},
    "missed": {"en": "NOT MET", "nl": "NIET UITGEKOMEN"},
    "worth": {
        "en": "Only predicted expectations validate the model: input was put in, fitted was tuned to.",
        "nl": (
            "Alleen voorspelde verwachtingen toetsen het model: ingevoerd is erin gestopt, "
            "afgeregeld is erop afgestemd."
        ),
    },
}
"""Words around the figures."""


def _text(name: str, lang: str, /, **values: object) -> str:
    return TEXTS[name][lang].format(**values)


def print_result(result: Any, lang: str, evidence: Any = None, reached: Sequence[Any] = ()) -> None:
    """Print one scenario: figures, footnotes, expectations."""
    from simkcc.analysis.figures import of_interest
    from simkcc.analysis.verdict import name_of

    title = name_of(result, lang)
    names = Column(_text("figure", lang), overflow="fold")
    table = Table(names, "", _text("mean", lang), title=title, title_justify="left")
    for metric in of_interest([result]):
        table.add_row(metric, _title(metric, lang, result), _level(result, metric, lang))
    screen = console()
    screen.print(table)
    footnotes = [_text("runs", lang, n=len(result.sums), seed=result.seed)]
    if result.without_price("cost"):
        footnotes.append(_text("no_price", lang, where=""))
    say([*footnotes, *_common(result, lang, evidence, reached)])
    print_scorecards(screen, result, lang)
    _print_expectations(screen, result.scenario, [result], lang)
    if result.refused:
        say([_text("refused", lang, names=", ".join(result.refused))])


def print_comparison(comparison: Any, lang: str) -> None:
    """Print a comparison: the verdict first, then the table with both bands, then footnotes."""
    from simkcc.analysis.figures import of_interest
    from simkcc.analysis.verdict import name_of, verdict

    baseline, *others = comparison.arms
    screen = console()
    if not sys.stdout.isatty():
        screen.width = max(screen.width, 90 + 24 * len(others))
    say([verdict(comparison, lang)])
    screen.print()
    for arm in comparison.arms:
        screen.print(name_of(arm, lang), markup=False)
    table = Table(Column(_text("figure", lang), overflow="fold"), "")
    table.add_column(baseline.label, justify="right")
    for arm in others:
        names = {"arm": arm.label, "baseline": baseline.label}
        table.add_column(_text("minus", lang, **names), justify="right")
    for metric in of_interest(comparison.arms, comparison.headlines):
        star = "*" if metric in comparison.headlines else ""
        cells = (_change(comparison, arm, metric, lang) for arm in others)
        table.add_row(
            f"{metric}{star}",
            _title(metric, lang, baseline),
            _level(baseline, metric, lang),
            *cells,
        )
    screen.print(table)
    say(_paired_footnotes(comparison, lang))
    _print_expectations(screen, baseline.scenario, comparison.arms, lang)


def _title(metric: str, lang: str, result: Any) -> str:
    from simkcc.analysis.figures import title_of

    return title_of(metric, lang, result.scenario.norms.threshold)


def _level(result: Any, metric: str, lang: str) -> str:
    from simkcc.analysis.figures import interval_text

    if result.diverges(metric):
        return _text("diverges", lang)
    if result.without_price(metric):
        return _text("unpriced", lang)
    return interval_text(metric, result.interval(metric), lang)


def _change(comparison: Any, arm: Any, metric: str, lang: str) -> str:
    """Return a difference with its noise, and under it the band of the inputs."""
    from simkcc.analysis.compare import DEPENDS, NO_DIFFERENCE
    from simkcc.analysis.figures import difference_text, paired_texts
    from simkcc.analysis.language import NONE

    found = comparison.find(arm.label, metric)
    if found.diverges:
        return _text("diverges", lang) if arm.diverges(metric) else NONE[lang]
    if found.difference.mean != found.difference.mean:
        return NONE[lang]
    band = None if found.inputs is None else found.inputs.band
    if found.difference.low == found.difference.high == 0 and band in (None, (0.0, 0.0)):
        return "[dim]0  =[/dim]"
    change, half = paired_texts(metric, found.difference, lang)
    sign = {NO_DIFFERENCE: "  =", DEPENDS: "  ~"}.get(found.verdict, "")
    cell = f"{change} ± {half}{sign}"
    if band is not None:
        low, high = (difference_text(metric, end, signed=True, lang=lang) for end in band)
        cell += f"\n\\[{low} … {high}]"
    return f"[dim]{cell}[/dim]" if found.verdict == NO_DIFFERENCE else cell


def _paired_footnotes(comparison: Any, lang: str) -> list[str]:
    first = comparison.arms[0]
    footnotes = [_text("paired", lang, n=len(first.sums), seed=first.seed)]
    study = comparison.inputs
    if study is not None:
        rest = ", ".join(study.not_varied) or _text("nothing", lang)
        varied = len(study.varied)
        footnotes.append(_text("inputs", lang, draws=study.draws, varied=varied, rest=rest))
    without = [arm.label for arm in comparison.arms if arm.without_price("cost")]
    if without:
        every = len(without) == len(comparison.arms)
        where = "" if every else f" ({', '.join(without)})"
        footnotes.append(_text("no_price", lang, where=where))
    return footnotes + _common(first, lang, comparison.evidence, comparison.precision)


def _common(result: Any, lang: str, evidence: Any, reached: Sequence[Any]) -> list[str]:
    """Return the footnotes of a run and of a comparison alike."""
    from dataclasses import asdict

    from simkcc.analysis.language import percent

    footnotes = []
    if result.callers_per_attempt != 1:
        share = percent(result.callers_per_attempt, 1, lang)
        footnotes.append(_text("attempts", lang, share=share))
    if evidence is not None and evidence.total:
        share = percent(evidence.assumed / evidence.total, 0, lang)
        footnotes.append(_text("evidence", lang, share=share, **asdict(evidence)))
    for status in dict.fromkeys(result.statuses.values()):
        footnotes.append(status.nl if lang == "nl" else status.en)
    return footnotes + [_precision_text(each, lang) for each in reached]


def _precision_text(reached: Any, lang: str) -> str:
    from simkcc.analysis.figures import difference_text
    from simkcc.analysis.language import decimal

    def width(value: float) -> str:
        return "± " + difference_text(reached.target.metric, value, digits=2, lang=lang)

    values = {
        "what": reached.target.metric, "arm": reached.arm, "n": reached.replications,
        "found": width(reached.half_width), "asked": width(reached.target.half_width),
    }  # fmt: skip
    if reached.met:
        return _text("precise", lang, **values)
    if reached.needed is None:
        return _text("impossible", lang, **values)
    return _text("imprecise", lang, needed=decimal(reached.needed, 0, lang), **values)


def _print_expectations(screen: Console, scenario: Any, arms: Sequence[Any], lang: str) -> None:
    from simkcc.analysis.expected import expectations_met

    judged = expectations_met(scenario.expectations, arms)
    if not judged:
        return
    screen.print()
    for met in judged:
        screen.print(expectation_text(met, lang), markup=False)
    screen.print(_text("worth", lang), markup=False)


def expectation_text(met: Any, lang: str) -> str:
    """Return an expectation with its label, whether it came out, and what was found."""
    from simkcc.analysis.figures import difference_text, figure_text

    each = met.expectation
    metric, variant = each.metric, each.variant or _text("every", lang)
    name = metric if each.part is None else f"{metric} ({each.part[1]})"
    if each.absent:
        what = _text("absence", lang, metric=name, variant=variant)
        found = figure_text(metric, met.found, lang)
    elif each.sign is None:
        what = _text(
            "value", lang, metric=name, variant=variant,
            value=figure_text(metric, each.value, lang),
            tolerance=difference_text(metric, each.tolerance, lang=lang),
        )  # fmt: skip
        found = figure_text(metric, met.found, lang)
    else:
        sign = "" if each.sign == "equal" else _text(each.sign, lang)
        kind = "equality" if each.sign == "equal" else "ordering"
        what = _text(kind, lang, metric=name, variant=variant, versus=each.versus, sign=sign)
        found = difference_text(metric, met.found, signed=True, lang=lang)
    word = _text("met" if met.met else "missed", lang)
    basis = _text(each.basis, lang)
    return _text("judged", lang, basis=basis, what=what, word=word, found=found)
