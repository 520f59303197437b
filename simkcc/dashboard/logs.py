"""Logs of a running server: a sentence on a terminal, a JSON object per line elsewhere."""

import json
import logging
import sys
from datetime import UTC, datetime

OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
"""What every record has; the rest was said by who logged."""


class JsonLines(logging.Formatter):
    """One JSON object per record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record: time, level, what, and what else was said."""
        said = {key: value for key, value in record.__dict__.items() if key not in OWN}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        found = {
            "time": at,
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **said,
        }
        if record.exc_info:
            found["trace"] = self.formatException(record.exc_info)
        return json.dumps(found, default=str)


class Sentences(logging.Formatter):
    """Time, what, and what else was said, for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        said = (f"{k} {v}" for k, v in record.__dict__.items() if k not in OWN)
        at = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        line = f"{at} {record.getMessage()}"
        more = ", ".join(said)
        line = f"{line}: {more}" if more else line
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def start_logs(form: str = "auto") -> None:
    """Log to standard error from now on: as `text`, as `json`, or as fits where it goes."""
    handler = logging.StreamHandler()
    people = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler.setFormatter(Sentences() if people else JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("tornado.access").setLevel(logging.ERROR)
