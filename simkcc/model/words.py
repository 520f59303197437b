"""Words in two languages."""

from simkcc.model.part import Part


class Words(Part):
    """A text in Dutch and in English."""

    nl: str = ""
    """In Dutch."""
    en: str = ""
    """In English."""

    def in_(self, lang: str) -> str:
        """Return the text in a language; the other one where it is missing."""
        first, second = (self.nl, self.en) if lang == "nl" else (self.en, self.nl)
        return first or second
