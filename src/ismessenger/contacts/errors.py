"""What is refused about contacts and their fields, tags, stages and segments."""


class NotThere(LookupError):
    """There is no such field, tag, stage, segment or suggestion; the text says which."""


class Refused(ValueError):
    """This cannot be done; the text says why, to the person who asked for it."""


class NotYours(Refused):
    """Only whoever made it may do this; the text says so."""
