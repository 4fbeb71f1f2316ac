"""Everything that can go wrong because of what a person typed or keeps on disk.

    RnnchatError            could not do it (exit code 1)
    ├── TextError           a text that cannot be read or learned from
    ├── ModelError          a checkpoint that is missing, damaged, foreign or of another version
    ├── SaveError           the disk said no; what was there before is still there
    ├── SessionError        saved conversations cannot be read or written
    ├── SettingsError       a setting that is unknown or of the wrong type
    ├── TrainingError       training cannot start or go on
    ├── ShellError          the shell plugin's daemon or history cannot be used
    └── UsageError          the command line itself makes no sense (exit code 2)

Each message is one sentence that names the thing and says what to do next; the command line prints it as it is.
Any other exception is a mistake of ours.
"""


class RnnchatError(Exception):
    """A fault the person can mend; `str(error)` is one clear sentence."""

    exit_code = 1


class TextError(RnnchatError):
    """A text that is missing, unreadable, binary, empty or too short."""


class ModelError(RnnchatError):
    """A checkpoint that is missing, damaged, foreign or of another version."""


class SaveError(RnnchatError):
    """A file could not be written; the previous one is untouched."""


class SessionError(RnnchatError):
    """Saved conversations cannot be read, or what is said cannot be saved."""


class SettingsError(RnnchatError):
    """A setting or a settings file that cannot be used."""


class TrainingError(RnnchatError):
    """Training cannot start or cannot go on."""


class ShellError(RnnchatError):
    """The shell plugin's daemon, its folder or its history cannot be used."""


class UsageError(RnnchatError):
    """Options that contradict each other or are out of range."""

    exit_code = 2
