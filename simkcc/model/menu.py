"""The menu: what callers hear before they join a queue."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simkcc.model.distribution import Duration
from simkcc.model.part import Name, Part, PerSecond, Seconds, Share


class Prompt(Part):
    """One announcement of the menu."""

    seconds: Seconds
    """How long it takes to say."""
    topic: Name | None = None
    """Topic whose choice it announces; none for a greeting."""


class Choice(Part):
    """How callers of one kind choose."""

    wrong: Share = 0.0
    """Share of them who choose a wrong option, each other one as likely."""


class EarlyChoice(Choice):
    """Callers who choose before they have heard the menu."""

    share: Share
    """Share of callers who do."""
    when: Literal["uniform", "own_prompt"] = "uniform"
    """At a uniform point of the menu's length, or right after the prompt of their own topic."""


class LateChoice(Choice):
    """Callers who hesitate after the menu has ended."""

    share: Share
    """Share of callers who do."""
    after: Duration = Field(default=5.0, validate_default=True)
    """How long they hesitate."""


class Menu(Part):
    """The menu: its length or its prompts, who chooses when and how well, who hangs up."""

    length: Seconds | None = None
    """Length of the complete menu, in seconds; give this or `prompts`."""
    prompts: tuple[Prompt, ...] | None = Field(default=None, min_length=1, max_length=100)
    """The announcements in order."""
    early: EarlyChoice | None = None
    """Those who choose early."""
    complete: Choice = Choice()
    """Those who listen to the end and choose then."""
    late: LateChoice | None = None
    """Those who hesitate after it."""
    hang_up: Annotated[PerSecond, Field(le=1)] = 0.0
    """Chance per second, while in the menu, of hanging up."""
    hang_up_after: Duration | None = None
    """Time to hanging up in the menu, of any shape, instead of a constant `hang_up`."""
    wrong_talk: Duration = Field(default=45.0, validate_default=True)
    """Talk of a caller in the wrong queue before being sent to the right one."""
    wrong_wrap_up: Duration = Field(default=0.0, validate_default=True)
    """After-call work of that talk."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.length is None) == (self.prompts is None):
            raise ValueError("give either length or prompts")
        shares = sum(part.share for part in (self.early, self.late) if part is not None)
        if shares > 1 + 1e-12:
            raise ValueError(f"early and late shares add up to {shares:g}; at most 1")
        if self.hang_up and self.hang_up_after is not None:
            raise ValueError("give either hang_up or hang_up_after")
        if self.early and self.early.when == "own_prompt" and self.prompts is None:
            raise ValueError("early.when own_prompt needs prompts with topics")
        return self

    @property
    def complete_seconds(self) -> float:
        """Return how long the complete menu takes, in seconds."""
        if self.length is not None:
            return self.length
        return sum(prompt.seconds for prompt in self.prompts or ())

    def prompt_end(self, topic: str) -> float:
        """Return the second at which the prompt of `topic` ends; the menu's end if none has it."""
        seconds = 0.0
        for prompt in self.prompts or ():
            seconds += prompt.seconds
            if prompt.topic == topic:
                return seconds
        return self.complete_seconds
