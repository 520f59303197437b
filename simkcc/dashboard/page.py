"""The page of the wall: which tiles stand where, in which words."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from tornado.escape import xhtml_escape
from tornado.template import DictLoader

from simkcc.analysis.ledger_rules import Rejection
from simkcc.dashboard.board import DIFFERS, PERMANENCE_WORDS, Board
from simkcc.dashboard.now import CAUSES
from simkcc.dashboard.settings import MORE_IS_BETTER, Norm
from simkcc.dashboard.words import LOCALES, Translate, translator

FOLDER = files("simkcc.dashboard") / "pages"

RULES = {
    "sl1": "answered within {t} s, of all answered",
    "sl2": "answered within {t} s, of all offered",
    "sl3": "answered within {t} s, of all offered but short abandons",
    "sl4": "answered or hung up within {t} s, of all offered",
    "sl5": "answered within {t} s with hold at pick-up, of all offered",
    "sl6": "answered within {t} s with the menu, of all who called",
    "sl7": "test calls answered within {t} s, of all test calls",
}
"""The rule of each variant of the service level, as printed on its tile."""

SCREEN = (
    "on norm", "just off norm", "off norm", "quick", "long wait", "too long",
    "No connection", "figures of {time}", "The source has stopped", "The source has failed",
    "The source is silent", "The exchange cannot be reached", "The event store cannot be written",
    "Paused", "simulation", "replay", "live", "not known", "last message {time} ago", "partial",
    "counts per interval", "{held} of {judged} forecasts held",
)  # fmt: skip
"""What the page itself says while it runs."""


REASONS = (
    *(str(reason) for reason in Rejection), "unknown name", "not JSON", "not a batch",
    "other source", "other form", "other midnight", "simulated",
)  # fmt: skip
"""Why an event is not on the board: as the ledger, the board and a reader of messages say."""


STATES = (*CAUSES, *PERMANENCE_WORDS, DIFFERS)
"""What a tile says in a word rather than a number."""

MOST_SMALL = 9
"""Tiles that can be read side by side."""


@dataclass(frozen=True)
class Tile:
    """A small tile: one figure and a sentence with figures."""

    title: str
    value: str
    form: str
    """How the value is written: share, time, count or word."""
    sentence: str = ""
    norm: str = ""
    status: str = ""
    note: str = ""
    """Said where the norm would stand, if there is none."""


TILES = {
    "accessibility": Tile(
        "Accessibility", "today.accessibility_r1.v", "share",
        "{today.answered.num:count} answered of {today.offered.num:count}",
        "accessibility", "today.accessibility_r1.status",
    ),
    "time_to_human": Tile(
        "Time to a human, with the menu", "today.time_to_human.v", "time",
        "last 30 min {lately.time_to_human.v:time}", "time_to_human", "today.time_to_human.status",
    ),
    "asa": Tile(
        "Wait before the answer", "today.asa.v", "time", "last 30 min {lately.asa.v:time}",
        "asa", "today.asa.status",
    ),
    "abandoned_queue": Tile(
        "Hung up in the queue", "today.abandonment.v", "share",
        "{today.abandonment.num:count} calls; last 30 min {lately.abandonment.v:share}",
        "abandoned_queue", "today.abandonment.status",
    ),
    "abandoned_menu": Tile(
        "Hung up in the menu", "today.menu_abandonment.v", "share",
        "{today.menu_abandonment.num:count} calls; in the menu now {waiting.menu:count}",
        "abandoned_menu", "today.menu_abandonment.status",
    ),
    "in_kcc": Tile(
        "Handled in the contact centre", "today.share_in_kcc.v", "share",
        "{today.share_in_kcc.num:count} of {today.share_in_kcc.den:count} finished",
        "in_kcc", "today.share_in_kcc.status",
    ),
    "direct": Tile(
        "Answered directly", "today.direct.v", "share",
        "{today.direct.num:count} of {today.direct.den:count} finished",
        "direct", "today.direct.status",
    ),
    "transfers": Tile(
        "Transfers that succeeded", "today.transfer_success.v", "share",
        "{today.transfer_success.num:count} of {today.transfer_success.den:count}; "
        "now trying {agents.consult:count}",
        "transfers", "today.transfer_success.status", "second line: {permanence:word}",
    ),
    "callbacks": Tile(
        "Callbacks open", "callbacks.open", "count", "{callbacks.overdue:count} overdue",
        "callbacks", "callbacks.status",
    ),
    "provider": Tile(
        "Provider in use", "provider.busy", "count", "{provider.there:count} agents there"
    ),
    "left_unknown": Tile(
        "Left the queue, reason unknown", "left_unknown", "count",
        "of {today.offered.num:count} offered"
    ),
    "desk": Tile(
        "Desk visits", "notes.visits", "count", "{notes.reasons:count} reasons of contact written down"
    ),
    "desk_now": Tile(
        "Waiting at the desk", "desk.n", "count",
        "longest wait {desk.oldest:since}", note="{desk.cause:word}",
    ),
    "cases": Tile(
        "Cases due today", "cases.today", "count",
        "{cases.overdue:count} overdue of {cases.open:count} open",
    ),
    "permanence": Tile("Second line can be reached", "permanence", "word"),
    "probe": Tile(
        "Test calls: wait", "today.probe_wait.v", "time",
        "{today.sl7.num:count} of {today.sl7.den:count} within the norm",
    ),
}  # fmt: skip

CHART_TITLES = {
    "volume": "Calls per half hour", "service_level": "Service level per half hour",
    "waiting": "Waiting over the day", "forecast": "Waiting, and the next 30 min",
}  # fmt: skip


def page(board: Board, language: str, theme: str, first: str, name: str) -> bytes:
    """Return the page in a language. first: the board shown first. name: of the source."""
    tr = translator(language)
    loader = DictLoader({each: (FOLDER / each).read_text("utf-8") for each in ("tv.html",)})
    scenario = board.centre.scenario
    titles = {"nl": scenario.title.nl, "en": scenario.title.en}
    title = titles.get(language) or titles["nl"] or titles["en"] or scenario.name
    title = title if board.centre.described else name
    boards = [
        {
            "name": each,
            "title": one.title.get(language) or one.title.get("en") or each,
            "large": one.large,
            "small": [tile for tile in one.small if tile not in _missing(board)][:MOST_SMALL],
            "charts": one.charts,
        }
        for each, one in board.settings.boards.items()
    ]
    return loader.load("tv.html").generate(
        language=language, theme=theme, title=title, boards=boards, first=first, tr=tr,
        tile=lambda each: _tile(TILES[each], board, tr), rule=_rule(board, tr), source=name,
        norm=lambda figure: _norm(board.settings.norms.get(figure), figure, tr),
        goal=board.settings.norms.get("service_level"), same=_same(board), lines=_lines(board),
        chart_title=lambda each: _chart_title(each, board, tr), agent_states=_agent_states(tr, board),
        settings=json.dumps(
            {"locale": LOCALES[language], "language": language,
             "words": {word: tr(word) for word in (*SCREEN, *REASONS, *STATES)},
             "lines": board.directory.queues, "threshold": scenario.norms.threshold}
        ).replace("<", "\\u003c"),
    )  # fmt: skip


def login_page(language: str, wrong: bool) -> bytes:
    """Return the form to log in. wrong: whether a password was just refused."""
    loader = DictLoader({"login.html": (FOLDER / "login.html").read_text("utf-8")})
    return loader.load("login.html").generate(
        language=language, wrong=wrong, tr=translator(language)
    )


def _same(board: Board) -> bool:
    """Return whether parts of the day are shown in the variant of the whole."""
    return board.centre.of_parts == board.centre.headline


def _chart_title(chart: str, board: Board, tr: Translate) -> str:
    title = tr(CHART_TITLES[chart])
    if chart == "service_level" and not _same(board):
        return f"{title} ({board.centre.of_parts.upper()})"
    return title


def _lines(board: Board) -> list[tuple[int, str]]:
    """Return the queues in which callers wait, with their numbers; a desk has a tile of its own."""
    names = [(number, name.replace("_", " ")) for number, name in enumerate(board.directory.queues)]
    if not board.centre.described:
        return names
    topics = board.centre.scenario.topics.values()
    of_calls: dict[int, bool] = {}
    for topic, queue in zip(topics, board.centre.plan.topic_queues, strict=True):
        of_calls[queue] = of_calls.get(queue, False) or topic.channel == "phone"
    return [(number, name) for number, name in names if of_calls.get(number, True)]


def _missing(board: Board) -> set[str]:
    """Return the tiles this centre has nothing for."""
    scenario = board.centre.scenario
    if not board.centre.described:
        return set()
    has = {
        "abandoned_menu": scenario.menu is not None,
        "provider": any(group.provider for group in scenario.groups.values()),
        "probe": bool(scenario.probes),
        "desk_now": any(topic.channel == "desk" for topic in scenario.topics.values()),
        "cases": any(topic.channel == "case" for topic in scenario.topics.values()),
        "permanence": bool(scenario.second_lines),
        "callbacks": bool(scenario.callbacks),
        "transfers": bool(scenario.second_lines),
    }
    return {tile for tile, there in has.items() if not there}


AGENT_STATES = {
    "free": "free", "talk": "talking", "hold": "caller on hold", "consult": "transferring",
    "ring": "calling back", "desk": "at the desk", "wrap": "after-call work",
    "offered": "telephone rings", "paused": "on a break",
}  # fmt: skip
"""What agents can be doing, and the word for it."""


def _agent_states(tr: Translate, board: Board) -> list[tuple[str, str]]:
    """Return what agents of this centre can be doing; only an exchange tells of breaks."""
    scenario, described = board.centre.scenario, board.centre.described
    can = {
        "consult": described and bool(scenario.second_lines),
        "ring": described and bool(scenario.callbacks),
        "desk": described and any(topic.channel == "desk" for topic in scenario.topics.values()),
        "offered": not described,
        "paused": not described,
    }
    return [(state, tr(word)) for state, word in AGENT_STATES.items() if can.get(state, True)]


def _rule(board: Board, tr: Translate) -> str:
    threshold = f"{board.centre.scenario.norms.threshold:g}"
    headline = board.centre.headline
    return tr(RULES[headline]).replace("{t}", threshold) + f" ({headline.upper()})"


def _norm(norm: Norm | None, figure: str, tr: Translate) -> str:
    """Return a norm in words, such as `norm ≥ 80 % (VDP)`."""
    if norm is None:
        return tr("no norm")
    sign = "≥" if figure in MORE_IS_BETTER else "≤"
    if figure == "callbacks":
        return f"{tr('norm')} {sign} {norm.good:g}"
    of_time = figure in ("time_to_human", "asa", "longest_wait")
    value = f"{norm.good:g} s" if of_time else f"{100 * norm.good:g} %"
    return f"{tr('norm')} {sign} {value}" + (f" ({norm.name})" if norm.name else "")


def _tile(tile: Tile, board: Board, tr: Translate) -> dict[str, Any]:
    return {
        "title": tr(tile.title), "value": tile.value, "form": tile.form, "status": tile.status,
        "sentence": _with_figures(tr(tile.sentence)),
        "foot": _foot(tile, board, tr),
    }  # fmt: skip


def _foot(tile: Tile, board: Board, tr: Translate) -> str:
    """Return as HTML what stands at the foot: the norm, or a note where there is none."""
    norm = board.settings.norms.get(tile.norm)
    if norm is None and tile.note:
        return _with_figures(tr(tile.note))
    return xhtml_escape(_norm(norm, tile.norm, tr)) if tile.norm else ""


def _with_figures(sentence: str) -> str:
    """Return a sentence as HTML, with a place for each figure it names."""
    found = xhtml_escape(sentence)
    for part in sentence.split("{")[1:]:
        named = part.partition("}")[0]
        path, _, form = named.partition(":")
        counts = form == "since"
        place = (
            f'<b data-since="{path}"></b>' if counts else f'<b data-v="{path}" data-f="{form}"></b>'
        )
        found = found.replace("{" + named + "}", place)
    return found
