"""What a comparison means, in sentences a manager could read aloud. Only detectable differences speak."""

from simkcc.analysis.compare import Comparison, Turn
from simkcc.analysis.figures import difference_text, figure_text
from simkcc.analysis.results import Result

TEXTS = {
    "surprise": {
        "en": (
            "{arm}: the queue gets worse while the caller is better off. The menu takes {menu} "
            "less and {hang_ups} fewer callers hang up in it, so {offered} more calls a week reach "
            "the queue{roster}: {service} of them are answered in time (was {before}). Yet a "
            "caller speaks to a human {human} sooner, and citizens spend {hours} a week less in "
            "menu and queue. A board that leaves out the menu would call this a failure."
        ),
        "nl": (
            "{arm}: de wachtrij wordt slechter terwijl de beller beter af is. Het menu duurt "
            "{menu} korter en {hang_ups} minder bellers hangen er op, dus bereiken {offered} "
            "oproepen per week meer de wachtrij{roster}: {service} ervan wordt op tijd beantwoord "
            "(was {before}). Toch spreekt een beller {human} eerder een mens, en zijn burgers "
            "{hours} per week minder kwijt in menu en wachtrij. Een bord dat het menu weglaat, zou "
            "dit een mislukking noemen."
        ),
    },
    "same_roster": {"en": " on the same roster", "nl": " met hetzelfde rooster"},
    "raised": {
        "en": (
            "{arm}: {hours} of rostered time ({percent}{cost}) bring the service level "
            "of the queue to {service}, against {before} with {baseline}: {verdict}."
        ),
        "nl": (
            "{arm}: {hours} roostertijd ({percent}{cost}) brengt de servicenorm van de "
            "wachtrij op {service}, tegen {before} bij {baseline}: {verdict}."
        ),
    },
    "cost": {"en": "{cost} a year", "nl": "{cost} per jaar"},
    "same_cost": {
        "en": "no detectable difference in cost",
        "nl": "geen aantoonbaar verschil in kosten",
    },
    "turn": {
        "en": (
            "The difference in {metric} between {first} and {second} changes its sign at "
            "{key} = {value} (± {noise} from simulation noise): {meaning}.{menu}"
        ),
        "nl": (
            "Het verschil in {metric} tussen {first} en {second} keert van teken om bij "
            "{key} = {value} (± {noise} door simulatieruis): {meaning}.{menu}"
        ),
    },
    "turn_menu": {
        "en": " Over the complete menu of {length:g} s that is {share} of the callers.",
        "nl": " Over het hele menu van {length:g} s is dat {share} van de bellers.",
    },
    "never": {
        "en": (
            "The difference in {metric} between {first} and {second} never changes its sign for "
            "{key} between {low:g} and {high:g}."
        ),
        "nl": (
            "Het verschil in {metric} tussen {first} en {second} keert nooit van teken voor "
            "{key} tussen {low:g} en {high:g}."
        ),
    },
    "unclear": {
        "en": (
            "Whether the difference in {metric} between {first} and {second} changes its sign for "
            "{key} between {low:g} and {high:g} cannot be told from simulation noise."
        ),
        "nl": (
            "Of het verschil in {metric} tussen {first} en {second} van teken omkeert voor "
            "{key} tussen {low:g} en {high:g}, is niet te onderscheiden van simulatieruis."
        ),
    },
    "no difference": {"en": "no detectable difference", "nl": "geen aantoonbaar verschil"},
    "higher": {"en": "detectably higher", "nl": "aantoonbaar hoger"},
    "lower": {"en": "detectably lower", "nl": "aantoonbaar lager"},
}


def text(name: str, lang: str, **values: object) -> str:
    """Return a sentence in a language."""
    return TEXTS[name][lang].format(**values)


def explain(comparison: Comparison, lang: str = "en") -> list[str]:
    """Return what the comparison means, one sentence or paragraph each."""
    said = []
    for arm in comparison.arms[1:]:
        if _changes(comparison, arm, "rostered_hours") == "higher":
            said.append(_raised(comparison, arm, lang))
        elif is_paradox(comparison, arm):
            said.append(_surprise(comparison, arm, lang))
    return said + [explain_turn(turn, comparison, lang) for turn in comparison.turns]


def _changes(comparison: Comparison, arm: Result, metric: str) -> str:
    return comparison.find(arm.label, metric).verdict


def is_paradox(comparison: Comparison, arm: Result) -> bool:
    """Return whether a shorter menu made the queue worse and the caller better off."""
    return (
        _changes(comparison, arm, "menu_time") == "lower"
        and _changes(comparison, arm, "menu_abandonment") == "lower"
        and _changes(comparison, arm, "offered") == "higher"
        and _changes(comparison, arm, "sl2") == "lower"
        and _changes(comparison, arm, "time_to_human") == "lower"
        and _changes(comparison, arm, "citizen_hours") == "lower"
    )


def _size(comparison: Comparison, arm: Result, metric: str) -> str:
    """Return a difference without its sign."""
    return difference_text(metric, abs(comparison.find(arm.label, metric).difference.mean))


def _surprise(comparison: Comparison, arm: Result, lang: str) -> str:
    baseline = comparison.arms[0]
    hours = comparison.find(arm.label, "rostered_hours").difference.mean
    return text(
        "surprise", lang, arm=name_of(arm, lang),
        roster=text("same_roster", lang) if hours == 0 else "",
        menu=_size(comparison, arm, "menu_time"),
        hang_ups=_size(comparison, arm, "menu_abandonment"),
        offered=_size(comparison, arm, "offered"),
        service=figure_text("sl2", arm.interval("sl2").mean),
        before=figure_text("sl2", baseline.interval("sl2").mean),
        human=_size(comparison, arm, "time_to_human"),
        hours=_size(comparison, arm, "citizen_hours"),
    )  # fmt: skip


def _raised(comparison: Comparison, arm: Result, lang: str) -> str:
    baseline = comparison.arms[0]
    hours = comparison.find(arm.label, "rostered_hours").difference.mean
    verdict = _changes(comparison, arm, "sl2")
    before = baseline.interval("rostered_hours").mean
    return text(
        "raised", lang, arm=name_of(arm, lang), baseline=name_of(baseline, lang),
        hours=difference_text("rostered_hours", hours, signed=True),
        percent=f"{hours / before:+.1%}, " if before > 0 else "",
        cost=_cost(comparison, arm, lang),
        service=figure_text("sl2", arm.interval("sl2").mean),
        before=figure_text("sl2", baseline.interval("sl2").mean),
        verdict=text("no difference" if verdict.startswith("no") else verdict, lang),
    )  # fmt: skip


def _cost(comparison: Comparison, arm: Result, lang: str) -> str:
    found = comparison.find(arm.label, "cost")
    if found.verdict.startswith("no"):
        return text("same_cost", lang)
    return text("cost", lang, cost=difference_text("cost", found.difference.mean, signed=True))


def name_of(result: Result, lang: str) -> str:
    """Return an arm's name with its title."""
    title = result.scenario.title.nl if lang == "nl" else result.scenario.title.en
    return f"{result.label} ({title})" if title and result.variant else result.label


def explain_turn(turn: Turn, comparison: Comparison, lang: str) -> str:
    """Return where a conclusion turns."""
    point = turn.point
    common = {
        "metric": point.metric,
        "first": point.first,
        "second": point.second,
        "key": point.key,
    }
    if turn.value is None:
        name = "never" if turn.clear else "unclear"
        return text(name, lang, low=point.low, high=point.high, **common)
    menu = comparison.result(point.second).scenario.menu
    over_menu = ""
    if point.key == "menu.hang_up" and menu is not None:
        length = menu.complete_seconds
        share = f"{1 - (1 - turn.value) ** length:.1%}"
        over_menu = text("turn_menu", lang, length=length, share=share)
    meaning = point.meaning.nl if lang == "nl" else point.meaning.en
    return text(
        "turn", lang, value=f"{turn.value:.2g}", noise=f"{turn.half_width:.1g}", meaning=meaning,
        menu=over_menu, **common,
    )  # fmt: skip
