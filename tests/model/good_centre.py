"""A scenario file without mistakes, to make mistakes in."""

ASK = """[journeys.ask]
dial = { step = "enter", done = "pause", other = "over" }
pause = { step = "delay", duration = 30, done = { over = 0.5, dial = 0.5 } }
over = { step = "end", outcome = "direct" }

"""
"""A journey that no topic takes."""

GOOD = (
    """
name = "centre"
patience = { kind = "exponential", mean = 300 }
handling.aht = 240
redial.share = 0.3

[hours.open]
weekdays = ["08:00-18:00"]

[demand]
per_year = 100000

[topics.permits]
share = 0.4

[topics.other]
share = 0.6
queue = "kcc"

[menu]
length = 80

[queues.kcc]
routes = [{ group = "front" }, { group = "back", after = 60 }]

[queues.permits]
routes = [{ group = "back" }]

[groups.front]
agents = 6

[groups.back]
roster = { start = "08:00", minutes = 60, weekdays = [2, 3, 4] }

"""
    + ASK
    + """[variants.short]
menu.length = 13
"""
)


def changed(text: str, changes: dict[str, str]) -> str:
    """Return a text with some of its parts replaced, each where it stands first."""
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    return text
