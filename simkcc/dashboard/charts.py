"""The charts of the day, as Bokeh figures for a page that fills their sources itself."""

from typing import Any

from bokeh.embed import json_item
from bokeh.models import (
    ColumnDataSource,
    DataRange1d,
    FixedTicker,
    NumeralTickFormatter,
    Range1d,
)
from bokeh.plotting import figure

LOOKS = {
    "dark": {"text": "#b9c4d6", "grid": "#2b3a55", "good": "#56b4e9", "lost": "#e69f00",
             "line": "#56b4e9", "norm": "#f4f7fb"},
    "light": {"text": "#44516a", "grid": "#d9e0ea", "good": "#0072b2", "lost": "#e69f00",
              "line": "#0072b2", "norm": "#14213a"},
}  # fmt: skip
"""Colours by theme; Okabe and Ito's, which nobody confuses."""

QUARTER = 15
"""Minutes between the times on the axis of a forecast."""

HALF_HOUR = 30
"""Minutes; x is minutes since midnight."""


def chart_items(names: tuple[str, ...], hours: tuple[int, int], theme: str, goal: float | None
                ) -> dict[str, Any]:  # fmt: skip
    """Return the figures of these names, ready to embed; their sources are named like them."""
    make = {
        "volume": _volume,
        "service_level": _service_level,
        "waiting": _waiting,
        "forecast": _forecast,
    }
    look = LOOKS[theme]
    items = {}
    for name in names:
        plot = _plot(name, hours, look)
        make[name](plot, look, goal)
        items[name] = json_item(plot)
    return items


def bare_plot(
    name: str, look: dict[str, str], x: tuple[float, float], y_range: Any, **more: Any
) -> Any:
    """Return a plot of which nothing is seen but numbers at its axes and lines across."""
    plot = figure(
        name=f"{name} plot", sizing_mode="stretch_both", toolbar_location=None, tools="",
        x_range=Range1d(start=x[0], end=x[1], name=f"{name} x"), y_range=y_range,
        background_fill_alpha=0, border_fill_alpha=0, outline_line_color=None, **more,
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.xgrid.grid_line_color = None
    plot.ygrid.grid_line_color = look["grid"]
    for axis in (*plot.xaxis, *plot.yaxis):
        axis.name = f"{name} axis"
        axis.axis_line_color = axis.minor_tick_line_color = axis.major_tick_line_color = None
        axis.major_label_text_color = look["text"]
    return plot


def _minutes_between(name: str, length: int) -> int:
    """Return how far apart times stand on an axis, so that they do not touch."""
    if name == "forecast":
        return QUARTER
    return 60 if length <= 360 else 120 if length <= 840 else 240


def _plot(name: str, hours: tuple[int, int], look: dict[str, str]) -> Any:
    plot = bare_plot(
        name, look, hours, DataRange1d(start=0), min_border_left=4, min_border_right=26
    )
    marks = _source(f"{name} marks", "x")
    plot.vspan(
        x="x", source=marks, line_color=look["lost"], line_width=2.5, line_dash="dashed",
        level="overlay",
    )  # fmt: skip
    ticks = list(range(0, 1441, _minutes_between(name, hours[1] - hours[0])))
    plot.xaxis.ticker = FixedTicker(ticks=ticks)
    plot.xaxis.major_label_overrides = {at: f"{at // 60:02d}:{at % 60:02d}" for at in ticks}
    return plot


def _source(name: str, *columns: str) -> ColumnDataSource:
    return ColumnDataSource({column: [] for column in columns}, name=name)


def _volume(plot: Any, look: dict[str, str], goal: float | None) -> None:
    """Draw answered and abandoned calls per half hour, one on the other."""
    source = _source("volume", "x", "answered", "abandoned")
    plot.vbar_stack(
        ["answered", "abandoned"], x="x", width=0.78 * HALF_HOUR, source=source,
        color=[look["good"], look["lost"]], line_color=None,
    )  # fmt: skip
    plot.yaxis.formatter = NumeralTickFormatter(format="0")


def _service_level(plot: Any, look: dict[str, str], goal: float | None) -> None:
    """Draw the share in time of each half hour, and the norm."""
    source = _source("service_level", "x", "sl")
    plot.y_range = Range1d(start=0, end=1.06)
    plot.yaxis.ticker = FixedTicker(ticks=[0, 0.25, 0.5, 0.75, 1])
    plot.yaxis.formatter = NumeralTickFormatter(format="0%")
    _without(plot, "service_level", look)
    plot.line("x", "sl", source=source, line_width=3, line_color=look["line"])
    plot.scatter("x", "sl", source=source, size=9, color=look["line"])
    if goal is not None:
        plot.hspan(y=goal, line_dash="dashed", line_width=2, line_color=look["norm"])


def _waiting(plot: Any, look: dict[str, str], goal: float | None) -> None:
    """Draw how many waited, minute by minute."""
    source = _source("waiting", "x", "n", "zero")
    plot.varea("x", "zero", "n", source=source, fill_color=look["line"], fill_alpha=0.3)
    _without(plot, "waiting", look)
    plot.line("x", "n", source=source, line_width=2.5, line_color=look["line"])
    plot.yaxis.formatter = NumeralTickFormatter(format="0")
    plot.yaxis.ticker.min_interval = 1


def _forecast(plot: Any, look: dict[str, str], goal: float | None) -> None:
    """Draw how many waited in the last hour, and the band of what the next half hour may bring."""
    fan = _source("forecast fan", "x", "low", "middle", "high")
    plot.varea("x", "low", "high", source=fan, fill_color=look["lost"], fill_alpha=0.35)
    plot.line(
        "x", "middle", source=fan, line_width=2.5, line_color=look["lost"], line_dash="dashed"
    )
    source = _source("forecast", "x", "n", "zero")
    plot.varea("x", "zero", "n", source=source, fill_color=look["line"], fill_alpha=0.3)
    plot.line("x", "n", source=source, line_width=2.5, line_color=look["line"])
    plot.yaxis.formatter = NumeralTickFormatter(format="0")
    plot.yaxis.ticker.min_interval = 1


def _without(plot: Any, name: str, look: dict[str, str]) -> None:
    """Draw the same day without interventions, if the page has one."""
    source = _source(f"{name} twin", "x", "y")
    plot.line("x", "y", source=source, line_width=2.5, line_color=look["text"], line_dash="dotted")
