"""The pages of the lessons: one page, the two runs of a lesson as JSON, and empty charts."""

import asyncio
import json
from typing import Any

from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, DataRange1d, FixedTicker, Range1d
from tornado.template import DictLoader
from tornado.web import HTTPError

from simkcc.dashboard.charts import LOOKS, bare_plot
from simkcc.dashboard.hub import Hub
from simkcc.dashboard.lab import Lesson, lessons, played
from simkcc.dashboard.page import FOLDER
from simkcc.dashboard.server import THEMES, Access, Page
from simkcc.dashboard.words import LANGUAGES, LOCALES, translator
from simkcc.model.words import Words

SIDES = {"dark": ("#56b4e9", "#e69f00"), "light": ("#0072b2", "#a15f00")}
"""Colours of run A and run B."""

FIGURE_WORDS = {
    "asa": "Wait before the answer",
    "sl2": "Answered within 20 s",
    "time_to_human": "Time to a human, with the menu",
    "menu_abandonment": "Hung up in the menu",
    "open": "Notes open, last five days",
}

STAY_WORDS = {
    "menu": "menu", "wait": "waits", "talk": "talks", "rest": "rests", "ring": "rings",
    "hold": "on hold", "consult": "transferring",
}  # fmt: skip

LAB_WORDS = (
    *FIGURE_WORDS.values(), *STAY_WORDS.values(), "right", "not right", "It became {n} times as much.",
    "The one who called on day {day} at {time} about {topic}",
    "The note of day {day}, {time}, about {topic}", "day", "calls waiting", "notes open",
    "a human after {time}", "No connection", "Both runs are being worked out",
)  # fmt: skip
"""What the lessons themselves say while they run."""


class LabPage(Page):
    """What the answers of the lessons share."""

    def lesson(self) -> str:
        """Return the lesson the address names."""
        name = self.get_query_argument("lesson", "")
        if name not in lessons():
            raise HTTPError(404)
        return name


class Show(LabPage):
    """The page."""

    def get(self) -> None:
        """Return the page, as the address asks."""
        language, theme = self.one_of("lang", LANGUAGES), self.one_of("theme", THEMES)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(lab_page(self.one_of("lesson", tuple(lessons())), language, theme))


class Run(LabPage):
    """Both runs of a lesson."""

    async def get(self) -> None:
        """Return what is shown once the class has predicted; worked out once, in a thread."""
        name = self.lesson()
        async with _ONE_AT_A_TIME:
            found = await asyncio.to_thread(played, name)
        self.finish(json.dumps(found, separators=(",", ":")))


class Charts(LabPage):
    """The charts of a lesson."""

    def get(self) -> None:
        """Return them, empty."""
        theme, of_day = self.one_of("theme", THEMES), lessons()[self.lesson()].curve != "open"
        self.finish({"runs": json_item(_runs(theme, of_day)), "theory": json_item(_theory(theme))})


_ONE_AT_A_TIME = asyncio.Lock()


def lab_handlers(hub: Hub, access: Access) -> list[Any]:
    """Return the handlers of the lessons."""
    shared = {"hub": hub, "access": access}
    return [
        (r"/lab", Show, shared), (r"/lab/run", Run, shared), (r"/lab/charts", Charts, shared),
    ]  # fmt: skip


def lab_page(name: str, language: str, theme: str) -> bytes:
    """Return the page of a lesson. French and German read the lessons in English."""
    tr, lesson = translator(language), lessons()[name]
    settings = {
        "locale": LOCALES[language], "language": language, "theme": theme, "lesson": name,
        "texts": "nl" if language == "nl" else "en", "colours": SIDES[theme],
        "words": {word: tr(word) for word in LAB_WORDS},
        "figures": {key: tr(word) for key, word in FIGURE_WORDS.items()},
        "stays": {key: tr(word) for key, word in STAY_WORDS.items()},
        "curve": lesson.curve,
    }  # fmt: skip

    def text(words: Words) -> str:
        return words.in_("nl" if language == "nl" else "en")

    loader = DictLoader({"lab.html": (FOLDER / "lab.html").read_text("utf-8")})
    return loader.load("lab.html").generate(
        language=language, theme=theme, tr=tr, text=text, lesson=lesson, name=name,
        lessons=list(lessons().values()), choices=_choices(lesson, language),
        settings=json.dumps(settings).replace("<", "\\u003c"),
    )  # fmt: skip


def _choices(lesson: Lesson, language: str) -> list[str]:
    return [choice.nl if language == "nl" else choice.en for choice in lesson.choices]


def _plot(name: str, theme: str) -> Any:
    y_range = Range1d(start=0, end=1, name=f"{name} y")
    plot = bare_plot(name, LOOKS[theme], (0, 1), y_range, min_border_right=20)
    for axis in (*plot.xaxis, *plot.yaxis):
        axis.major_label_text_font_size = "15px"
    return plot


def _runs(theme: str, of_day: bool) -> Any:
    """Return the chart on which both runs grow. of_day: over minutes of a day, not over days."""
    plot = _plot("runs", theme)
    if of_day:
        hours = range(0, 25, 2)
        plot.xaxis.ticker = FixedTicker(ticks=[60 * hour for hour in hours])
        plot.xaxis.major_label_overrides = {60 * hour: f"{hour}:00" for hour in hours}
    for side, colour in zip("ab", SIDES[theme], strict=True):
        source = ColumnDataSource({"x": [], "y": []}, name=f"runs {side}")
        plot.varea("x", 0, "y", source=source, fill_color=colour, fill_alpha=0.16)
        plot.line("x", "y", source=source, line_color=colour, line_width=3)
    return plot


def _theory(theme: str) -> Any:
    """Return the chart of the theory: curves, and the runs on them."""
    plot, look = _plot("theory", theme), LOOKS[theme]
    plot.y_range = DataRange1d(start=0, name="theory y")
    lines = ColumnDataSource({"xs": [], "ys": []}, name="theory curves")
    plot.multi_line("xs", "ys", source=lines, line_color=look["text"], line_width=3)
    dots = ColumnDataSource({"x": [], "y": [], "colour": []}, name="theory points")
    plot.scatter("x", "y", source=dots, size=17, color="colour", line_color=look["norm"])
    return plot
