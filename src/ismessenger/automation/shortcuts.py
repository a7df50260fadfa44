"""Shortcuts: published workflows that a member begins by hand with a contact, some of them with a form of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import Select, func, select, text
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.automation.cast import real
from ismessenger.automation.model import Workflow, WorkflowVersion
from ismessenger.automation.scene import RunScene
from ismessenger.automation.start import NotStarted, start
from ismessenger.automation.surroundings import surroundings
from ismessenger.conditions.vocabulary import KnownVariable
from ismessenger.contacts.errors import NotThere
from ismessenger.installation import Installation
from ismessenger.sdk.step import Value
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from workflows.definition import Triggered
from workflows.triggers.shortcut import Shortcut, read_form

NO_CONDITION: Final[Mapping[str, object]] = {"$and": []}
_BEFORE = text(
    "SELECT EXISTS (SELECT FROM workflow_enrolment WHERE contact_id = :contact_id AND workflow_id = :workflow_id) AS was_there,"
    " EXISTS (SELECT FROM workflow_signal WHERE contact_id = :contact_id AND kind = 'start'"
    " AND payload -> 'workflow_id' = to_jsonb(CAST(:workflow_id AS bigint))) AS on_its_way"
)


class FormIncomplete(ValueError):
    """The form says too little or what does not fit; ``wrong`` are sentences by the variable's name."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(" ".join(wrong.values()))
        self.wrong = wrong


@dataclass(frozen=True, slots=True)
class Offer:
    """A shortcut as its published version has it."""

    workflow: Workflow
    triggered: Triggered
    params: Shortcut.Params

    @property
    def name(self) -> str:
        """What members choose."""
        return self.params.name or self.workflow.name

    @property
    def asks(self) -> bool:
        """Whether there is a form to fill in."""
        return bool(self.params.form)


async def offers(db: ReadSession) -> Sequence[Offer]:
    """All shortcuts, by name."""
    found = [_offer(*row) for row in (await db.execute(_published())).all()]
    return sorted(found, key=lambda offer: (offer.name.casefold(), offer.workflow.id))


async def offer(db: ReadSession, workflow_id: int) -> Offer:
    """One of them. Raises `NotThere`."""
    row = (await db.execute(_published().where(col(Workflow.id) == workflow_id))).one_or_none()
    if row is None:
        raise NotThere(gettext("There is no such shortcut any more. Choose another one."))
    return _offer(*row)


async def begin(
    installation: Installation, db: WriteSession, member: Member, contact_id: int, chosen: Offer, given: Mapping[str, str]
) -> None:
    """Begin it with a contact that the member sees; the caller holds the contact's lock. ``given`` is what was typed, by variable.

    Raises `FormIncomplete`, and `NotStarted` for a contact that it is not for.
    """
    variables, wrong = read_form(chosen.params, given)
    if wrong:
        raise FormIncomplete(wrong)
    who: dict[str, Value] = {"running_user": member.name, "running_user_id": member.id, "running_user_email": member.email}
    variables |= who
    before = (await db.execute(_BEFORE, {"contact_id": contact_id, "workflow_id": chosen.workflow.id})).one()
    if before.on_its_way:
        raise NotStarted(gettext("“%(name)s” was begun with this contact a moment ago.") % {"name": chosen.name})
    if chosen.triggered.once and before.was_there:
        raise NotStarted(gettext("“%(name)s” is for every contact only once, and this one has been there.") % {"name": chosen.name})
    if not await _is_for(installation, db, member, contact_id, chosen, variables):
        raise NotStarted(gettext("“%(name)s” is not for this contact: the conditions of its trigger do not hold.") % {"name": chosen.name})
    await start(db, chosen.workflow, contact_id, variables, by=member.id)


async def _is_for(
    installation: Installation, db: ReadSession, member: Member, contact_id: int, chosen: Offer, variables: Mapping[str, Value]
) -> bool:
    if chosen.triggered.condition == NO_CONDITION:
        return True
    known = {each.name: KnownVariable(each.name, each.label, each.type, each.options) for each in Shortcut().variables(chosen.params)}
    scene = RunScene(await real(db, member, contact_id), await surroundings(installation, db, with_presence=True), known)
    scene.enter("", {}, variables)
    return scene.matches(chosen.triggered.condition)


def _published() -> Select[Workflow, dict[str, object]]:
    trigger = func.jsonb_extract_path(WorkflowVersion.definition, "trigger")
    statement = select(Workflow, trigger).join(WorkflowVersion, col(WorkflowVersion.id) == col(Workflow.published_id))
    return cast(
        "Select[Workflow, dict[str, object]]", statement.where(col(Workflow.status) == "published", col(Workflow.trigger) == Shortcut.kind)
    )


def _offer(workflow: Workflow, trigger: dict[str, object]) -> Offer:
    triggered = Triggered.model_validate(trigger)
    return Offer(workflow, triggered, Shortcut.Params.model_validate(triggered.params))
