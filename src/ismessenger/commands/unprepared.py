"""What every command that needs the databases may meet. In a module of its own, which `up` has loaded in a moment."""

from ismessenger.kit.crypto import KeysUnfit, SealBroken
from ismessenger.tenancy.errors import DatabaseNewer, DatabaseOlder, MigrationIncomplete, TooPowerful

UNPREPARED = (DatabaseNewer, DatabaseOlder, TooPowerful, MigrationIncomplete, SealBroken, KeysUnfit)
"""What an operator mends by ``migrate``, by installing the right version, or by giving the right keys."""
