"""What commands and pages refuse."""


class RefusedError(Exception):
    """A request was refused and nothing was changed. The message says why, and what to do."""
