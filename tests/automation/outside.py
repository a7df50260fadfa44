"""Runs that wait for something outside, made by hand, and the lane that asks it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.automation.call import Caller
from ismessenger.automation.model import Workflow, WorkflowCall, WorkflowRun, WorkflowSignal, WorkflowStep, WorkflowVersion
from ismessenger.contacts.model import Contact
from ismessenger.installation import Installation
from ismessenger.kit.clock import now
from ismessenger.sdk.integration import HTTP


@dataclass
class Outside:
    """One contact inside a workflow of a workspace."""

    installation: Installation
    workspace_id: int
    contact_id: int = 0
    workflow_id: int = 0
    run_id: int = 0

    async def begin(self) -> "Outside":
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            contact = Contact(first_name="Ada", status="closed", created_source="user")
            workflow = Workflow(name="Calls", status="published")
            db.add_all([contact, workflow])
            await db.flush()
            version = WorkflowVersion(workflow_id=workflow.id, number=1)
            db.add(version)
            await db.flush()
            run = WorkflowRun(workflow_id=workflow.id, version_id=version.id, contact_id=contact.id)
            db.add(run)
            await db.flush()
            self.contact_id, self.workflow_id, self.run_id = contact.id, workflow.id, run.id
        return self

    async def another_contact(self) -> int:
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            db.add(contact := Contact(first_name="Bo", status="closed", created_source="user"))
            await db.flush()
        return contact.id

    async def call(self, key: str = "s1/1", **request: Any) -> int:
        """The run asks something over HTTP."""
        return await self.ask(HTTP, "request", request, key=key)

    async def ask(
        self, integration: str, action: str, request: dict[str, Any], *, key: str = "s1/1", connection_id: int | None = None
    ) -> int:
        step, _slash, entry = key.partition("/")
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            call = WorkflowCall(
                run_id=self.run_id,
                contact_id=self.contact_id,
                key=key,
                integration=integration,
                action=action,
                request=request,
                connection_id=connection_id,
            )
            began = WorkflowStep(
                run_id=self.run_id, workflow_id=self.workflow_id, step=step, kind="http_request", entry=int(entry), began_at=now()
            )
            db.add_all([call, began])
            await db.flush()
        return call.id

    async def work(self, caller: Caller | None = None) -> None:
        """Make the calls that are due, and wait for them."""
        caller = caller or Caller(self.installation)
        await caller.work((self.workspace_id, 0))
        await caller.finish()

    async def results(self) -> list[dict[str, Any]]:
        """What the run was told."""
        async with self.installation.tenancy.reading(self.workspace_id) as db:
            statement = select(WorkflowSignal).where(col(WorkflowSignal.kind) == "result").order_by(col(WorkflowSignal.id))
            return [row.payload for row in (await db.execute(statement)).scalars()]

    async def waiting(self) -> list[WorkflowCall]:
        """The calls that are not over."""
        async with self.installation.tenancy.reading(self.workspace_id) as db:
            return list((await db.execute(select(WorkflowCall).order_by(col(WorkflowCall.id)))).scalars())

    async def history(self) -> list[dict[str, Any]]:
        """What the history shows of the steps."""
        async with self.installation.tenancy.reading(self.workspace_id) as db:
            return [row.output for row in (await db.execute(select(WorkflowStep).order_by(col(WorkflowStep.id)))).scalars()]

    async def change(self, statement: str, **values: object) -> None:
        async with self.installation.tenancy.workspace(self.workspace_id) as db:
            await db.execute(text(statement), values)
