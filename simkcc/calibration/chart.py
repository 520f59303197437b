"""Model against data over the day, as one self-contained SVG: a panel per figure."""

from html import escape

import numpy as np

from simkcc.calibration.agreement import FIGURES, Agreement, Cell

WIDTH, PANEL, LEFT, TOP, GAP = 760, 190, 64, 66, 44
DATA, MODEL, GREY, INK = "#1f4e79", "#c2571a", "#c9ced6", "#1d2430"
SHARES = ("sl2", "abandonment")


def chart(agreement: Agreement, title: str, lang: str) -> str:
    """Return the SVG text: data as dots with 95 % bars, the model as a line with its 95 % band."""
    figures = [figure for figure in FIGURES if agreement.of(figure)]
    height = TOP + len(figures) * (PANEL + GAP) + 10
    data, model = (
        ("cijfers, 95 %", "model, 95 %") if lang == "nl" else ("data, 95 %", "model, 95 %")
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="600">{escape(title)}</text>',
        f'<circle cx="{LEFT + 5}" cy="42" r="3.5" fill="{DATA}"/><text x="{LEFT + 16}" y="46">{data}</text>',
        f'<line x1="{LEFT + 120}" x2="{LEFT + 142}" y1="42" y2="42" stroke="{MODEL}" stroke-width="2"/>'
        f'<text x="{LEFT + 150}" y="46">{model}</text>',
    ]
    for index, figure in enumerate(figures):
        parts += _panel(agreement.of(figure), figure, lang, TOP + index * (PANEL + GAP))
    return "\n".join([*parts, "</svg>", ""])


def _panel(cells: list[Cell], figure: str, lang: str, top: float) -> list[str]:
    ends = np.array(
        [
            [c.data.low, c.data.high, c.model.low, c.model.high, c.data.mean, c.model.mean]
            for c in cells
        ]
    )
    most = float(np.nanmax(ends, initial=0.0)) or 1.0
    step = _step(most)
    most = step * np.ceil(min(most, 1.0) / step if figure in SHARES else most / step)
    bottom, room = top + PANEL, WIDTH - LEFT - 16
    width = room / len(cells)

    def x(place: int) -> float:
        return LEFT + (place + 0.5) * width

    def y(value: float) -> float:
        return bottom - (PANEL - 22) * min(max(value, 0.0), most) / most

    parts = [
        f'<text x="{LEFT}" y="{top + 8:.0f}" font-weight="600">{escape(FIGURES[figure].by(lang))}</text>'
    ]
    for level in np.arange(0, most + step / 2, step):
        text = f"{level:.0%}" if figure in SHARES else f"{level:g}"
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="{GREY}" stroke-width="0.7"/>'
        )
        parts.append(
            f'<text x="{LEFT - 8}" y="{y(level) + 4:.1f}" text-anchor="end" fill="#555d69">{text}</text>'
        )
    every = 2 if len(cells) <= 24 else 4
    for place, cell in enumerate(cells):
        if place % every == 0:
            parts.append(
                f'<text x="{x(place):.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555d69">{cell.start}</text>'
            )
    parts += _model(cells, x, y) + _data(cells, x, y, figure)
    return parts


def _model(cells: list[Cell], x, y) -> list[str]:  # type: ignore[no-untyped-def]
    there = [(p, c.model) for p, c in enumerate(cells) if np.isfinite(c.model.mean)]
    if not there:
        return []
    line = " ".join(f"{x(p):.1f},{y(m.mean):.1f}" for p, m in there)
    known = [(p, m) for p, m in there if np.isfinite(m.half_width)]
    upper = [f"{x(p):.1f},{y(m.high):.1f}" for p, m in known]
    lower = [f"{x(p):.1f},{y(m.low):.1f}" for p, m in reversed(known)]
    band = f'<polygon points="{" ".join(upper + lower)}" fill="{MODEL}" opacity="0.18"/>'
    return [band, f'<polyline points="{line}" fill="none" stroke="{MODEL}" stroke-width="2"/>']


def _data(cells: list[Cell], x, y, figure: str) -> list[str]:  # type: ignore[no-untyped-def]
    parts = []
    for place, cell in enumerate(cells):
        if not np.isfinite(cell.data.mean):
            continue
        if np.isfinite(cell.data.half_width):
            parts.append(
                f'<line x1="{x(place):.1f}" x2="{x(place):.1f}" y1="{y(cell.data.low):.1f}" y2="{y(cell.data.high):.1f}" stroke="{DATA}" stroke-width="1.4"/>'
            )
        parts.append(
            f'<circle cx="{x(place):.1f}" cy="{y(cell.data.mean):.1f}" r="3.2" fill="{DATA}"><title>{cell.start} {figure}: {cell.data.mean:.4g}</title></circle>'
        )
    return parts


def _step(most: float) -> float:
    """Return a round distance between lines, about four of them."""
    raw = most / 4
    power = 10.0 ** np.floor(np.log10(raw))
    return float(power * next(f for f in (1, 2, 2.5, 5, 10) if f * power >= raw))
