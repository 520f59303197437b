"""The base of every part of a scenario, and the unit types its fields use."""

import datetime
from contextlib import suppress
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict
from pydantic_core import PydanticCustomError


class Part(BaseModel):
    """A frozen piece of a scenario: it holds what was said and checks it, and does nothing else.

    A key that no field knows is an error; the docstring under a field is its documentation, see
    meanings.py. Only the part that a file is held against is built, not each of its parts apart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_\- ]*$", max_length=60)]
"""How a thing is called in the file: letters, digits, `_`, `-` and spaces."""

Seconds = Annotated[float, Strict(), Field(ge=0, le=1e9, json_schema_extra={"unit": "s"})]
"""A length of time in seconds, zero or more."""

PositiveSeconds = Annotated[float, Strict(), Field(gt=0, le=1e9, json_schema_extra={"unit": "s"})]
"""A length of time in seconds, more than zero."""

Share = Annotated[float, Strict(), Field(ge=0, le=1, json_schema_extra={"unit": "share"})]
"""A part of the whole, from 0 to 1."""

Number = Annotated[float, Strict(), Field(ge=0, le=1e12)]
"""A number, zero or more."""

PositiveNumber = Annotated[float, Strict(), Field(gt=0, le=1e12)]
"""A number above zero."""

Count = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
"""A whole number, zero or more."""

PositiveCount = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
"""A whole number, one or more."""

Euros = Annotated[float, Strict(), Field(ge=0, le=1e12, json_schema_extra={"unit": "EUR"})]
"""An amount of money in euros."""

EurosPerHour = Annotated[Euros, Field(json_schema_extra={"unit": "EUR/h"})]
"""A price of one hour, in euros."""

EurosPerMinute = Annotated[Euros, Field(json_schema_extra={"unit": "EUR/min"})]
"""A price of one minute, in euros."""

PerSecond = Annotated[float, Strict(), Field(ge=0, le=1e6, json_schema_extra={"unit": "/s"})]
"""A hazard: the chance per second of ending, zero or more."""

PerHour = Annotated[Number, Field(json_schema_extra={"unit": "/h"})]
"""A rate: so many an hour, zero or more."""

PerYear = Annotated[Number, Field(json_schema_extra={"unit": "/year"})]
"""A rate: so many a year, zero or more."""

Minutes = Annotated[PositiveCount, Field(json_schema_extra={"unit": "min"})]
"""A length of time in whole minutes, one or more."""

Flag = Annotated[bool, Strict()]
"""`true` or `false`, and nothing that merely looks like it."""


def _only_a_date(value: Any) -> Any:
    """Refuse what pydantic would turn into a date: numbers, and dates with a time."""
    if isinstance(value, str):
        with suppress(ValueError):
            return datetime.date.fromisoformat(value)
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    raise PydanticCustomError("date", "Input should be a date like 2024-01-31")


Day = Annotated[datetime.date, BeforeValidator(_only_a_date)]
"""A date, like `2024-01-31`."""
