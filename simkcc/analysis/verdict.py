"""The verdict: one paragraph a manager could read aloud, Dutch or English.

It says what was compared, what differs by how much, what is noise, what hangs on an assumption,
what would turn it, and what the inputs and expectations are worth. Only differences beyond noise
speak; nobody wins whose win rests on an assumption.
"""

from collections.abc import Sequence

from simkcc.analysis.compare import (
    DEPENDS,
    NO_DIFFERENCE,
    Compared,
    Comparison,
    Turn,
)
from simkcc.analysis.expected import expectations_met
from simkcc.analysis.figures import (
    better_way,
    figure_text,
    paired_texts,
    spoken,
    title_of,
)
from simkcc.analysis.language import GAP, decimal, listed, percent, spoken_euros
from simkcc.analysis.phrases import (
    CHANGES,
    COUNTED,
    FIGURES,
    assumption_name,
    pick,
    quoted,
    seconds,
    text,
)
from simkcc.analysis.results import Result
from simkcc.analysis.valued import valued

PARADOX = {
    "menu_time": "lower",
    "menu_abandonment": "lower",
    "offered": "higher",
    "time_to_human": "lower",
    "citizen_hours": "lower",
}
"""How figures differ where a shorter menu makes the queue worse and the caller better off."""


NOT_ABOUT = ("cost", "citizen_hours")
"""Headline figures of every file; zero where a file has no prices, or no telephone."""


def verdict(comparison: Comparison, lang: str = "en") -> str:
    """Return what a comparison means, as one paragraph."""
    return " ".join(paragraphs(comparison, lang))


def paragraphs(comparison: Comparison, lang: str = "en") -> list[str]:
    """Return the same in parts: what was compared, each arm, what turns it, what it is worth."""
    parts = [[_compared(comparison, lang)]]
    parts += [_Arm(comparison, arm, lang).sentences() for arm in comparison.arms[1:]]
    parts += [[turn_text(turn, comparison, lang) for turn in comparison.turns]]
    parts += [[*_evidence(comparison, lang), *_expected(comparison, lang)]]
    return [" ".join(sentences) for sentences in parts if sentences]


def called(result: Result, comparison: Comparison, lang: str) -> str:
    """Return what an arm is called in a sentence: its title if that tells it from the others."""
    titles = [_title(arm, lang) for arm in comparison.arms]
    title = _title(result, lang)
    return quoted(title if title and titles.count(title) == 1 else result.label, lang)


def name_of(result: Result, lang: str) -> str:
    """Return an arm's label with its title."""
    title = _title(result, lang)
    return f"{result.label} ({title})" if title and result.variant else result.label


def _title(result: Result, lang: str) -> str:
    return result.scenario.title.in_(lang)


def _compared(comparison: Comparison, lang: str) -> str:
    baseline, *others = (called(arm, comparison, lang) for arm in comparison.arms)
    return text("compared", lang, baseline=baseline, arms=listed(others, lang))


class _Arm:
    """What is said of one arm against the baseline."""

    def __init__(self, comparison: Comparison, arm: Result, lang: str) -> None:
        self.comparison, self.arm, self.lang = comparison, arm, lang
        self.baseline = comparison.arms[0]
        self.level = self.baseline.scenario.norms.service_level
        names = [self.level, *(name for name in comparison.headlines if is_said(name, self.level))]
        self.found = {name: comparison.find(arm.label, name) for name in names}
        self.name = text("scenario", lang, name=called(arm, comparison, lang))

    def sentences(self) -> list[str]:
        """Return the sentences about this arm."""
        same, depends = self._names(NO_DIFFERENCE), self._names(DEPENDS)
        if not depends and not self._beyond():
            said = [self._text("same", figures=self._figures(same))] if same else []
            return self._diverging() + said
        said = self._diverging() or [self._conclusion()]
        clauses = [*self._service(), *self._changes()]
        if clauses:
            said.append(_opening("; ".join(clauses) + "."))
        if is_paradox(self.comparison, self.arm):
            said.append(text("board", self.lang))
        same = [name for name in same if name != self.level or self._is_told(self.found[name])]
        if same:
            said.append(self._text("noise", figures=self._figures(same)))
        return said + [self._hangs_on(self.found[name]) for name in depends]

    def _text(self, name: str, /, **values: object) -> str:
        return text(name, self.lang, arm=self.name, Arm=_opening(self.name), **values)

    def _names(self, verdict: str) -> list[str]:
        """Return the figures with that verdict; without data there is none."""
        return [
            name
            for name, each in self.found.items()
            if each.verdict == verdict
            and each.difference.mean == each.difference.mean
            and not self._is_nothing(name)
        ]

    def _is_nothing(self, name: str) -> bool:
        """Return whether a figure is zero in both arms because the file is not about it.

        Without prices nothing costs anything; where nobody telephones nobody waits on the telephone.
        """
        means = [arm.interval(name).mean for arm in (self.baseline, self.arm)]
        return name in NOT_ABOUT and means == [0.0, 0.0]

    def _beyond(self) -> list[str]:
        return [name for name in self.found if name in self._names("higher") + self._names("lower")]

    def _figures(self, names: Sequence[str]) -> str:
        return listed([figure_name(name, self.lang, self.level) for name in names], self.lang)

    def _conclusion(self) -> str:
        better = [name for name in self._beyond() if self._is_better(self.found[name])]
        worse = [name for name in self._beyond() if name not in better]
        if is_paradox(self.comparison, self.arm):
            return self._paradox()
        if better and worse:
            return self._text("trade_off", better=self._figures(better), worse=self._figures(worse))
        depends = self._names(DEPENDS)
        if depends and (better or worse):
            figures = self._figures(better or worse)
            name = "better_but" if better else "worse_but"
            return self._text(name, figures=figures, depends=self._figures(depends))
        if depends:
            return self._text("depends")
        assumed = self.comparison.evidence is not None and self.comparison.evidence.assumed > 0
        stated = "_at_stated" if assumed and self.comparison.inputs is None else ""
        return self._text(f"{'better' if better else 'worse'}{stated}")

    def _is_better(self, found: Compared) -> bool:
        return found.verdict == better_way(found.metric)

    def _paradox(self) -> str:
        def gap(metric: str) -> float:
            return self.comparison.find(self.arm.label, metric).difference.mean

        return self._text(
            "paradox",
            menu=spoken("menu_time", gap("menu_time"), self.lang),
            hang_ups=spoken("menu_abandonment", gap("menu_abandonment"), self.lang),
            offered=decimal(gap("offered"), 0, self.lang),
            roster=text("same_roster", self.lang) if gap("rostered_hours") == 0 else "",
        )

    def _service(self) -> list[str]:
        found, lang = self.found[self.level], self.lang
        before, after = self.baseline.interval(self.level), self.arm.interval(self.level)
        if before.mean != before.mean or after.mean != after.mean or self._is_told(found):
            return []
        change = text("service_same", lang)
        if found.noise != NO_DIFFERENCE:
            word = "more" if found.difference.mean > 0 else "less"
            change = text(word, lang, size=spoken(self.level, found.difference.mean, lang))
            if found.difference.high > found.difference.low:
                _, half = paired_texts(self.level, found.difference, lang)
                change += f", ± {half.partition(GAP)[0]}"
        threshold = seconds(self.baseline.scenario.norms.threshold, lang)
        return [
            text(
                "service", lang, after=figure_text(self.level, after.mean, lang),
                counted=pick(COUNTED[self.level], lang).format(t=threshold),
                before=figure_text(self.level, before.mean, lang),
                change=change, band=self._band(found),
            )
        ]  # fmt: skip

    def _is_told(self, found: Compared) -> bool:
        """Return whether an earlier arm has said what the service level is, and nothing differs."""
        is_first = self.arm is self.comparison.arms[1]
        return not is_first and found.verdict == NO_DIFFERENCE and not self._band(found)

    def _band(self, found: Compared) -> str:
        """Return between what the draws of the inputs lie, of a share or of a cost."""
        if found.inputs is None or found.inputs.band == (0.0, 0.0):
            return ""
        low, high = found.inputs.band
        if found.metric == "cost":
            ends = [spoken_euros(end, self.lang) for end in (low, high)]
        else:
            points = pick(("points", "procentpunt"), self.lang)
            ends = [decimal(100 * end, 1, self.lang, signed=True) for end in (low, high)]
            ends[1] += f"{GAP}{points}"
        return text("band", self.lang, low=ends[0], high=ends[1])

    def _changes(self) -> list[str]:
        """Return a clause for every other figure that differs beyond noise and assumption."""
        roster = self.comparison.find(self.arm.label, "rostered_hours")
        rest = (each for name, each in self.found.items() if name != self.level)
        return [
            self._change(each) for each in (roster, *rest) if each.verdict in ("higher", "lower")
        ]

    def _change(self, found: Compared) -> str:
        size = spoken(found.metric, found.difference.mean, self.lang)
        if found.metric not in CHANGES:
            name = figure_name(found.metric, self.lang, self.level)
            return text(f"is_{found.verdict}", self.lang, figure=name, size=size)
        words = pick(CHANGES[found.metric][found.verdict], self.lang)
        return words.format(size=size, range=self._range(found) if found.metric == "cost" else "")

    def _range(self, found: Compared) -> str:
        """Return the interval and the band of a cost, in brackets."""
        difference, between = found.difference, ""
        if difference.high - difference.low > 1.0:
            ends = sorted(abs(end) for end in (difference.low, difference.high))
            low, high = (spoken_euros(end, self.lang) for end in ends)
            between = text("between", self.lang, low=low, high=high)
        inside = between + self._band(found)
        return f" ({inside.removeprefix('; ')})" if inside else ""

    def _hangs_on(self, found: Compared) -> str:
        drawn = found.inputs
        assert drawn is not None
        wins_above = better_way(found.metric) == "higher"
        common = {
            "figure": figure_name(found.metric, self.lang, self.level),
            "arm": text("this", self.lang),
            "share": percent(drawn.above if wins_above else drawn.below, 0, self.lang),
        }
        split = drawn.decided_by
        if split is None:
            return text("hangs_together", self.lang, **common)
        return text(
            "hangs_on", self.lang, assumption=assumption_name(split.key, self.lang),
            side=text("above" if split.above == wins_above else "below", self.lang),
            threshold=valued(self.arm.scenario, split.key, split.threshold, 2, self.lang), **common,
        )  # fmt: skip

    def _diverging(self) -> list[str]:
        """Return a sentence for each reason why figures of this arm, or the baseline, have no mean."""
        is_first = self.arm is self.comparison.arms[1]
        said = []
        for result in (self.baseline, self.arm) if is_first else (self.arm,):
            name = text("baseline", self.lang) if result is self.baseline else self.name
            reasons = {
                pick((status.en, status.nl), self.lang): None
                for metric, status in result.statuses.items()
                if result.diverges(metric)
            }
            said += [
                text("diverges", self.lang, Arm=_opening(name), sentence=reason)
                for reason in reasons
            ]
        return said


def _opening(sentence: str) -> str:
    """Return a sentence with its first letter as a capital."""
    return sentence[0].upper() + sentence[1:]


def is_said(metric: str, level: str) -> bool:
    """Return whether a headline figure is said next to the service level of the norms.

    Another variant of the same figure is not, nor one of which neither way is better.
    """
    is_variant = metric.startswith("accessibility") or (
        metric[:2] == "sl" and metric[2:].isdecimal()
    )
    return metric != level and not is_variant and bool(better_way(metric))


def is_paradox(comparison: Comparison, arm: Result) -> bool:
    """Return whether a shorter menu made the queue worse and the caller better off."""
    level = comparison.arms[0].scenario.norms.service_level
    return all(
        comparison.find(arm.label, metric).verdict == way
        for metric, way in {**PARADOX, level: "lower"}.items()
    )


def figure_name(metric: str, lang: str, level: str = "") -> str:
    """Return what a figure is called within a sentence; level: the service level of the norms."""
    if metric in FIGURES:
        return pick(FIGURES[metric], lang)
    if metric.startswith("sl") and metric[2:].isdecimal():
        name = pick(FIGURES["service_level"], lang)
        return name if metric == level else f"{name} ({metric})"
    title = title_of(metric, lang)
    return title[0].lower() + title[1:]


def turn_text(turn: Turn, comparison: Comparison, lang: str) -> str:
    """Return where a conclusion turns."""
    point = turn.point
    level = comparison.arms[0].scenario.norms.service_level
    common = {
        "figure": figure_name(point.metric, lang, level),
        "first": called(comparison.result(point.first), comparison, lang),
        "second": called(comparison.result(point.second), comparison, lang),
        "key": point.key,
    }
    scenario = comparison.result(point.second).scenario
    if turn.value is None or turn.half_width is None:
        low = valued(scenario, point.key, point.low, 3, lang, bare=True)
        high = valued(scenario, point.key, point.high, 3, lang)
        return text("never" if turn.clear else "unclear", lang, low=low, high=high, **common)
    menu = scenario.menu
    over_menu = ""
    if point.key == "menu.hang_up" and menu is not None:
        length = menu.complete_seconds
        share = percent(1 - (1 - turn.value) ** length, 1, lang)
        over_menu = text("turn_menu", lang, length=seconds(length, lang), share=share)
    meaning = point.meaning.in_(lang)
    what = f"{meaning} ({point.key})" if meaning else assumption_name(point.key, lang)
    return text(
        "turn", lang, value=valued(scenario, point.key, turn.value, 2, lang),
        noise=valued(scenario, point.key, turn.half_width, 1, lang, bare=True), what=what, menu=over_menu, **common,
    )  # fmt: skip


def _evidence(comparison: Comparison, lang: str) -> list[str]:
    said = []
    if comparison.inputs is not None:
        varied = len(comparison.inputs.varied)
        said.append(text("drawn", lang, varied=varied, draws=comparison.inputs.draws))
    found = comparison.evidence
    if found is not None and found.assumed:
        not_varied = text("not_varied", lang) if comparison.inputs is None else ""
        said.append(
            text("assumed", lang, total=found.total, assumed=found.assumed, not_varied=not_varied)
        )
    return said


def _expected(comparison: Comparison, lang: str) -> list[str]:
    judged = expectations_met(comparison.arms[0].scenario.expectations, comparison.arms)
    if not judged:
        return []
    predicted = [each for each in judged if each.expectation.basis == "predicted"]
    met = sum(each.met for each in judged)
    worth = text("predicted_none", lang)
    if predicted:
        came = sum(each.met for each in predicted)
        level = comparison.arms[0].scenario.norms.service_level
        missed = [
            figure_name(each.expectation.metric, lang, level) for each in predicted if not each.met
        ]
        worth = text("predicted_some", lang, predicted=len(predicted), met=came, came=_came(came))
        if missed:
            worth += text("missed", lang, figures=listed(list(dict.fromkeys(missed)), lang))
    return [text("expected", lang, stated=len(judged), met=met, predicted=worth, came=_came(met))]


def _came(count: int) -> str:
    return "kwam" if count == 1 else "kwamen"
