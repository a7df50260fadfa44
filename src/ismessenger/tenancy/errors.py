"""Why the databases and the code do not fit together."""


class DatabaseNewer(RuntimeError):
    """The database was migrated by a newer version of IS-Messenger than this one."""


class DatabaseOlder(RuntimeError):
    """The database was not brought to the version of the code yet."""


class MigrationIncomplete(RuntimeError):
    """Not every home could be brought to this version; the text names those that were not."""


class TooPowerful(RuntimeError):
    """The run-time role could go around the views that keep workspaces apart."""
