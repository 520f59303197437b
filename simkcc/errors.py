"""What can go wrong by the user's hand, as a tree.

SimkccError                 one clear sentence: where, what was found, what would do; exit code 1
├── ScenarioError           a scenario file, or a value in it
├── SettingError            a value on the command line or in a call
├── UnsupportedError        a figure or a step that this mode or version cannot give
└── BrokenEngineError       an engine broke one of its own rules: a defect of simkcc, not of the user
"""


class SimkccError(Exception):
    """One clear sentence for the user; the command line prints it without a traceback."""


class ScenarioError(SimkccError):
    """A scenario file cannot be read, or says something that cannot be.

    complaints: every sentence found, in the order of the file.
    """

    def __init__(self, *complaints: str) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


class SettingError(SimkccError):
    """A value given on the command line or to a function cannot be used."""


class UnsupportedError(SimkccError):
    """What was asked for cannot be had in this mode; the sentence names the mode that can."""


class BrokenEngineError(SimkccError):
    """An engine found itself in a state that its own rules exclude."""
