"""Imports as people make them: a file, the choices, the work, and what came of it."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette

from ismessenger.background.model import Job
from ismessenger.contacts.create import create_contact
from ismessenger.contacts.fields import Field, custom_fields, fields_by_key
from ismessenger.contacts.model import ContactField
from ismessenger.contacts.tags import tags_by_name
from ismessenger.imports.choose import begin, choose, import_named
from ismessenger.imports.order import Order
from ismessenger.imports.take import take_upload
from ismessenger.imports.undo import undo
from ismessenger.jobs.long import work_job
from tests.conftest import World
from tests.web.site import Shop


@dataclass
class Bench:
    """A workspace that contacts are imported into."""

    shop: Shop

    @property
    def world(self) -> World:
        return self.shop.world

    async def uploaded(self, table: str | bytes, name: str = "people.csv") -> int:
        """A draft of this file."""
        content = table if isinstance(table, bytes) else table.encode()
        job = await take_upload(self.world.installation, self.world.workspace_id, io.BytesIO(content), name, by=self.world.manager.id)
        return job.id

    async def chosen(self, table: str | bytes, **choices: Any) -> int:
        """The same with its choices; the rest is guessed."""
        import_id = await self.uploaded(table)
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            order = Order.model_validate((await import_named(db, import_id)).params)
            await choose(db, import_id, order.model_copy(update=choices), by=self.world.manager.id)
        return import_id

    async def imported(self, table: str | bytes, **choices: Any) -> Job:
        """Done."""
        import_id = await self.chosen(table, **choices)
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            await begin(db, import_id)
        return await self.worked(import_id)

    async def tried(self, table: str | bytes, **choices: Any) -> Job:
        """Tried out."""
        import_id = await self.chosen(table, **choices)
        return await self.worked(Order.model_validate((await self.job(import_id)).params).check or 0)

    async def undone(self, import_id: int) -> Job:
        """Taken back."""
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            undoing = await undo(db, import_id, by=self.world.manager.id)
        return await self.worked(undoing.id)

    async def worked(self, job_id: int) -> Job:
        """A worker does this job."""
        await work_job(self.world.installation, (self.world.workspace_id, job_id))
        return await self.job(job_id)

    async def job(self, job_id: int) -> Job:
        async with self.world.installation.tenancy.reading(self.world.workspace_id) as db:
            found = await db.get(Job, (self.world.workspace_id, job_id))
            assert found is not None
            return found

    async def result(self, job: Job) -> list[list[str]]:
        """The rows of the file that a job left."""
        assert job.result_path is not None
        content = b"".join([piece async for piece in self.world.installation.files.read(job.result_path)])
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    async def field(self, name: str, kind: str, *options: str) -> Field:
        """A custom field."""
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            db.add(ContactField(slug=name.lower(), name=name, type=kind, options=list(options)))
            await db.flush()
            return next(field for field in await custom_fields(db) if field.name == name)

    async def put(self, values: dict[str, Any], *, tags: Sequence[str], stage_id: int | None) -> None:
        """A contact with these values, past the import."""
        async with self.world.installation.tenancy.workspace(self.world.workspace_id) as db:
            by_key = await fields_by_key(db)
            chosen = {by_key[key]: value for key, value in values.items()}
            await create_contact(db, chosen, tag_ids=[tag.id for tag in await tags_by_name(db, tags)], stage_id=stage_id)

    async def contacts(self, columns: str = "first_name, phone, email") -> list[tuple[Any, ...]]:
        """All contacts, in the order in which they were made."""
        return await self.shop.rows(f"SELECT {columns} FROM contact ORDER BY id")


@pytest.fixture
def bench(world: World) -> Bench:
    """A workspace to import into."""
    return Bench(Shop(Starlette(), world, 0))
