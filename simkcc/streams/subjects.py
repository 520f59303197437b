"""Subjects of NATS that stand for many: `*` is any one word, `>` the rest, one word or more."""

WILD = frozenset("*>")
"""Signs of a subject that stands for many."""


def collide(one: str, other: str) -> bool:
    """Tell whether a subject can be of both."""
    a, b = one.split("."), other.split(".")
    for left, right in zip(a, b, strict=False):
        if ">" in (left, right):
            return True
        if left != right and "*" not in (left, right):
            return False
    return len(a) == len(b)


def covers(wide: str, narrow: str) -> bool:
    """Tell whether every subject of one is of the other too."""
    a, b = wide.split("."), narrow.split(".")
    for left, right in zip(a, b, strict=False):
        if left == ">":
            return True
        if right == ">" or (left != right and left != "*"):
            return False
    return len(a) == len(b)
