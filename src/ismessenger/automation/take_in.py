"""A workflow out of a file becomes a draft of the workspace."""

from ismessenger.automation.define import Naming, add_workflow, free_name
from ismessenger.automation.model import Workflow
from ismessenger.automation.references import known
from ismessenger.automation.transfer import Adopted, Exported, adopt
from ismessenger.plugins import Plugins
from ismessenger.tenancy.doors import WriteSession


async def take_in(
    db: WriteSession, exported: Exported, plugins: Plugins, timezone: str, *, most: int, by: int | None
) -> tuple[Workflow, Adopted]:
    """The new workflow, under a name that is free, and what became of the things that it names. Raises `Refused`."""
    adopted = adopt(exported, plugins, await known(db, timezone))
    naming = Naming(await free_name(db, exported.name), exported.description)
    return await add_workflow(db, naming, adopted.definition, most=most, by=by), adopted
