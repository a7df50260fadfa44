"""What is refused about files of contacts."""

from ismessenger.contacts.errors import NotThere, Refused


class FileRefused(Refused):
    """This file cannot be imported; the text says why."""


class ImportNotFound(NotThere):
    """There is no such import."""
