"""Why the databases and the code do not fit together."""


class DatabaseNewer(RuntimeError):
    """The database was migrated by a newer version of IS-Messenger than this one."""


class DatabaseOlder(RuntimeError):
    """The database was not brought to the version of the code yet."""
