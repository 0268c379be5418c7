"""What goes wrong, as exceptions that carry what the program said."""


class HeadlightError(Exception):
    """What Headlight refused or failed at.

    `message` is one sentence, `details` the further lines (file, tensor, offset), `kind` one of "corrupt", "unsupported",
    "missing", "invalid input", "out of memory", "cancelled", "internal" where it is known, `choices` answers that would settle it.
    """

    def __init__(self, message, details="", kind="", choices=()):
        super().__init__(message + ("\n" + details if details else ""))
        self.message = message
        self.details = details
        self.kind = kind
        self.choices = list(choices)


class BinaryNotFound(HeadlightError):
    """The program `headlight` is not there."""


class NoWindow(HeadlightError):
    """No window runs, and none can be started."""


class AttentionError(HeadlightError, ValueError):
    """What was given is no attention that can be shown; the message says what to do."""
