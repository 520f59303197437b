"""The pages of the console: one page, its state as JSON, and what is posted to it.

A plain page rather than a Bokeh session: it shares the board's frame, survives a restart of the
server, and everything it does is a request that a test can make. A post must come from the page
itself: it carries a header that no other site can send, and the origin is checked as everywhere.
"""

import json
from typing import Any

from tornado.template import DictLoader
from tornado.web import HTTPError

from simkcc.dashboard.alerts import ALERTS
from simkcc.dashboard.board import Board
from simkcc.dashboard.console import UNTOLD, Console
from simkcc.dashboard.hub import Hub
from simkcc.dashboard.notes import Note, done, new_serial, note_of, read_csv
from simkcc.dashboard.page import AGENT_STATES, FOLDER, RULES
from simkcc.dashboard.server import THEMES, Access, Page
from simkcc.dashboard.words import LANGUAGES, LOCALES, translator
from simkcc.engine.working_time import due_time
from simkcc.errors import SettingError
from simkcc.model.contact_log import DAY, NONE
from simkcc.model.controls import Levers
from simkcc.model.interventions import Change, Lever

HEADER = "X-Simkcc-Console"
"""A page of another origin cannot send it without asking first, and nobody says yes."""

LEVER_WORDS = {
    "agents": "Agents in {place}: {n}",
    "burst": "Burst of {n} calls about {place}",
    "menu": "Menu of {n} s",
    "permanence": "Permanence of {place}: {n}",
    "overflow": "Overflow: {n}",
    "outsourcing": "{place} to the provider: {n}",
    "absence": "Absence in {place}: {n} %",
    "speed": "Speed × {n}",  # noqa: RUF001
    "step": "Step of {n} s",
}
"""What was changed, in words."""

CHOICES = ("on", "off", "constant", "urgent only", "always a form", "no rule")

CONSOLE_WORDS = (
    *LEVER_WORDS.values(), *CHOICES, *ALERTS.values(),
    "simulation", "replay", "live", "Paused", "nobody waits", "nothing", "overdue", "Callbacks open",
    "form", "callback", "in the menu", "in the queue", "called again", "since", "raised",
    "cleared", "written down", "done", "tasks", "No connection", "not possible", "Pause", "Go on",
    "as rostered", "This run", "Without changes", "nobody there", "answered today", "not known",
)  # fmt: skip
"""What the console itself says while it runs."""

FIGURES = {
    "offered": ("Calls offered", "count", ""),
    "accessibility_r1": ("Accessibility", "share", ""),
    "sl": ("Service level today", "share", ""),
    "time_to_human": ("Time to a human, with the menu", "time", "time_to_human"),
    "abandonment": ("Hung up in the queue", "share", "abandoned_queue"),
    "transfer_success": ("Transfers that succeeded", "share", "transfers"),
}
"""Figures side by side: words, how they are written, and the tile that is not known if they are not."""

MOST_EVENTS = 400


class ConsolePage(Page):
    """What the answers of the console share."""

    def initialize(self, hub: Hub, access: Access, console: Console) -> None:  # type: ignore[override]
        """Keep what the console is made of."""
        super().initialize(hub, access)
        self.console = console

    def posted(self) -> dict[str, Any]:
        """Return what the page sent; refuse what did not come from the page."""
        if self.request.headers.get(HEADER) != "1":
            self.access.count("forged")
            raise HTTPError(403)
        try:
            found = json.loads(self.request.body)
        except ValueError:
            raise HTTPError(400) from None
        if not isinstance(found, dict):
            raise HTTPError(400)
        return found

    def refuse(self, error: SettingError) -> None:
        """Say why something cannot be."""
        self.set_status(400)
        self.finish({"error": str(error)})


class Show(ConsolePage):
    """The page."""

    def get(self) -> None:
        """Return the page, as the address asks."""
        language = self.one_of("lang", LANGUAGES)
        theme = self.one_of("theme", THEMES)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(console_page(self.hub, self.console.levers is not None, language, theme))


class State(ConsolePage):
    """What the page shows."""

    async def get(self) -> None:
        """Return it, with the undisturbed day if it is asked for."""
        found = self.console.state(MOST_EVENTS)
        if self.get_query_argument("twin", "0") == "1" and self.console.levers is not None:
            found["twin"] = await self.console.twin()
        self.finish(json.dumps(found, separators=(",", ":")))


class Control(ConsolePage):
    """Where a trainer changes something."""

    async def post(self) -> None:
        """Make one change."""
        found = self.posted()
        if self.console.levers is None:
            raise HTTPError(404)
        lever, place, amount = (found.get(key, NONE) for key in ("lever", "place", "amount"))
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in (lever, place, amount)):
            raise HTTPError(400)
        if lever not in set(Lever):
            raise HTTPError(400)
        try:
            await self.console.change(Change(Lever(lever), amount, place))
        except SettingError as error:
            self.refuse(error)
            return
        self.finish({"ok": True})


class Write(ConsolePage):
    """Where people write down a reason, a callback or a visit."""

    async def post(self) -> None:
        """Keep one note; or that a callback is done."""
        found, board = self.posted(), self.hub.board
        try:
            if "done" in found:
                serial = _serial(found["done"], board)
                await self.hub.take([done(serial, board.now)])
            else:
                note = due_by_rule(note_of(found, board.directory, board.now), board)
                await self.hub.take(note.events(new_serial()))
        except SettingError as error:
            self.refuse(error)
            return
        self.finish({"ok": True})


class Import(ConsolePage):
    """Where a CSV file of notes is taken."""

    async def post(self) -> None:
        """Keep what can be used, and say what cannot."""
        text, board = self.posted().get("csv", ""), self.hub.board
        if not isinstance(text, str):
            raise HTTPError(400)
        try:
            events, wrong = read_csv(text, board.directory, board.now)
            if events:
                await self.hub.take(events)
        except SettingError as error:
            self.refuse(error)
            return
        notes = len({event.contact for event in events})
        self.finish({"taken": notes, "wrong": wrong[:50], "n_wrong": len(wrong)})


def console_handlers(hub: Hub, access: Access, levers: Levers | None) -> list[Any]:
    """Return the handlers of the console. levers: what changes the source, if it can be changed."""
    shared = {"hub": hub, "access": access, "console": Console(hub, levers)}
    return [
        (r"/console", Show, shared),
        (r"/console/state", State, shared),
        (r"/console/control", Control, shared),
        (r"/console/note", Write, shared),
        (r"/console/import", Import, shared),
    ]


def due_by_rule(note: Note, board: Board) -> Note:
    """Return a callback with the due time of the centre's rule, if none was given."""
    if note.kind != "callback" or note.due != NONE:
        return note
    scenario, plan = board.centre.scenario, board.centre.plan
    rule = next(iter(scenario.callbacks.values()), None)
    days = 2 if rule is None else rule.due_working_days
    hours = plan.hours_names.index("open" if rule is None else rule.hours)
    due = int(due_time(plan.hours, plan.spans, hours, note.at, days, DAY))
    return Note(note.kind, note.topic, note.at, due=due)


def console_page(hub: Hub, can_change: bool, language: str, theme: str) -> bytes:
    """Return the page in a language. can_change: whether the source has levers."""
    tr, board = translator(language), hub.board
    scenario = board.centre.scenario
    titles = {"nl": scenario.title.nl, "en": scenario.title.en}
    title = titles.get(language) or titles["nl"] or titles["en"] or scenario.name
    words = {word: tr(word) for word in CONSOLE_WORDS}
    settings = {
        "locale": LOCALES[language], "language": language, "words": words, "theme": theme,
        "levers": {name: tr(text) for name, text in LEVER_WORDS.items()},
        "names": [lever.name.lower() for lever in Lever],
        "choices": [tr(choice) for choice in CHOICES], "topics": [tr("Write down") if name == UNTOLD else name for name in board.directory.topics],
        "alerts": {name: tr(text) for name, text in ALERTS.items()},
        "states": {state: tr(word) for state, word in AGENT_STATES.items()},
        "figures": {name: [tr(text), *how] for name, (text, *how) in FIGURES.items()},
        "callback": bool(scenario.callbacks),
    }  # fmt: skip
    rule = tr(RULES[board.centre.headline]).replace("{t}", f"{scenario.norms.threshold:g}")
    loader = DictLoader({"console.html": (FOLDER / "console.html").read_text("utf-8")})
    return loader.load("console.html").generate(
        language=language, theme=theme, title=title, tr=tr, source=hub.feed.name, rule=rule,
        can_change=can_change, names=places_of(board), lengths=menu_lengths(board),
        settings=json.dumps(settings).replace("<", "\\u003c"),
    )  # fmt: skip


def places_of(board: Board) -> dict[str, list[str]]:
    """Return what each lever can be about."""
    from simkcc.model.interventions import CLOCK, levers_of, names_of

    scenario = board.centre.scenario
    return {
        lever.name.lower(): names_of(scenario, lever)
        for lever in levers_of(scenario) if lever not in CLOCK
    }  # fmt: skip


def menu_lengths(board: Board) -> list[int]:
    """Return the lengths of a menu to choose from: 80 s, 13 s and that of the file."""
    menu = board.centre.scenario.menu
    own = {round(menu.length)} if menu is not None and menu.length is not None else set()
    return sorted({80, 13} | own, reverse=True)


def _serial(text: Any, board: Board) -> int:
    """Return the serial of an open callback that people wrote down."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 20:
        if int(text) in board.notes.open:
            return int(text)
    raise SettingError("done: there is no such callback open")
