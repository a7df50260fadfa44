"""The stages that contacts go through, and whether a workspace uses them at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.model import LifecycleStage
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession, WriteSession
from ismessenger.workspaces.model import Preferences
from ismessenger.workspaces.preferences import preferences

Kind = Literal["open", "won", "lost"]
MAX_NAME = 60
MAX_DESCRIPTION = 255
MAX_EMOJI = 16
MAX_STAGES = 50
COUNTED = 10_000
KINDS: Final[Sequence[Kind]] = ("open", "won", "lost")

_COUNT = text(
    "SELECT s.id, n.number FROM lifecycle_stage s, LATERAL (SELECT count(*) AS number FROM (SELECT 1 FROM contact c"
    " WHERE c.lifecycle_id = s.id LIMIT :limit) AS c) AS n"
)
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('lifecycle', :workspace_id))")


@dataclass(frozen=True, slots=True)
class StageDraft:
    """What a stage shall be. At most one is won; any number are lost."""

    name: str
    emoji: str = ""
    description: str = ""
    kind: str = "open"


DEFAULTS: Final[Sequence[StageDraft]] = (
    StageDraft("New Lead", "🆕"),
    StageDraft("Hot Lead", "🔥"),
    StageDraft("Payment", "💳"),
    StageDraft("Customer", "🤝", kind="won"),
    StageDraft("Cold Lead", "🧊", kind="lost"),
)


async def stages(db: ReadSession) -> Sequence[LifecycleStage]:
    """All stages in their order, the lost ones last."""
    return list((await db.execute(_ordered())).scalars())


async def stage_named(db: ReadSession, stage_id: int) -> LifecycleStage:
    """A stage by its id. Raises `NotThere`."""
    stage: LifecycleStage | None = await db.get(LifecycleStage, (db.workspace_id, stage_id))
    if stage is None:
        raise NotThere(gettext("There is no such stage."))
    return stage


async def stage_by_name(db: ReadSession, name: str) -> LifecycleStage:
    """A stage by what it is called; capitals do not matter. Raises `NotThere`."""
    wanted = " ".join(clean(name).split())
    statement = select(LifecycleStage).where(func.lower(LifecycleStage.name) == func.lower(wanted))
    stage: LifecycleStage | None = (await db.execute(statement)).scalar_one_or_none()
    if stage is None:
        raise NotThere(gettext("There is no stage called %(wanted)s.") % {"wanted": wanted[:MAX_NAME]})
    return stage


async def default_stage_id(db: ReadSession) -> int | None:
    """The stage in which every new contact begins; ``None`` while the lifecycle is off."""
    if not (await preferences(db)).lifecycle_enabled:
        return None
    statement = select(col(LifecycleStage.id)).where(col(LifecycleStage.is_default))
    found: int | None = (await db.execute(statement)).scalar_one_or_none()
    return found


def in_use() -> ColumnElement[bool]:
    """The condition that the workspace has a lifecycle, for statements that read stages."""
    return select(col(Preferences.lifecycle_enabled)).scalar_subquery().is_(True)


async def stages_in_use(db: ReadSession) -> Sequence[LifecycleStage]:
    """The stages that contacts can be in: none while the lifecycle is off."""
    return list((await db.execute(_ordered().where(in_use()))).scalars())


async def staged(db: ReadSession) -> Mapping[int, int]:
    """How many contacts are in each stage, exact up to `COUNTED`; one more says that it is more."""
    return {row.id: row.number for row in (await db.execute(_COUNT, {"limit": COUNTED + 1})).all()}


async def enable_lifecycle(db: WriteSession, on: bool) -> None:  # noqa: FBT001 - the switch is what it is about
    """Switch the stages on or off. The first time, a workspace gets the usual ones; off, contacts keep the stage that they are in."""
    await _alone(db)
    values = {"lifecycle_enabled": on}
    statement = insert(Preferences).values(workspace_id=db.workspace_id, **values)
    await db.execute(statement.on_conflict_do_update(index_elements=["workspace_id"], set_=values))
    db.announce("refresh", 0)
    if on and not await stages(db):
        for position, draft in enumerate(DEFAULTS):
            db.add(_row(draft, position=position, is_default=position == 0))
        await db.flush()


async def add_stage(db: WriteSession, draft: StageDraft) -> LifecycleStage:
    """A new stage behind the others; the first of all is the default. Raises `Refused`."""
    draft = _checked(draft)
    await _alone(db)
    existing = await stages(db)
    if len(existing) >= MAX_STAGES:
        raise Refused(gettext("A lifecycle has at most %(most)s stages.") % {"most": MAX_STAGES})
    await _only_one_won(db, draft, but=0)
    stage = _row(draft, position=max((each.position for each in existing), default=-1) + 1, is_default=not existing)
    try:
        async with db.begin_nested():
            db.add(stage)
            await db.flush()
    except IntegrityError as error:
        raise _taken(draft) from error
    db.announce("refresh", 0)
    return stage


async def change_stage(db: WriteSession, stage_id: int, draft: StageDraft) -> None:
    """Another name, emoji, description or meaning; contacts stay in it. Raises `Refused`, `NotThere`."""
    draft = _checked(draft)
    await _alone(db)
    await _only_one_won(db, draft, but=stage_id)
    values = {"name": draft.name, "emoji": draft.emoji, "description": draft.description, "kind": draft.kind}
    changed = update(LifecycleStage).where(col(LifecycleStage.id) == stage_id).values(**values).returning(col(LifecycleStage.id))
    try:
        async with db.begin_nested():
            found = (await db.execute(changed.execution_options(synchronize_session=False))).first()
    except IntegrityError as error:
        raise _taken(draft) from error
    if found is None:
        raise NotThere(gettext("There is no such stage."))
    db.announce("refresh", 0)


async def make_default(db: WriteSession, stage_id: int) -> None:
    """Have new contacts begin in this stage. Raises `NotThere`."""
    await _alone(db)
    await stage_named(db, stage_id)
    # One after the other: a unique index allows one default at any instant.
    await _set(db, col(LifecycleStage.is_default).is_(True), is_default=False)
    await _set(db, col(LifecycleStage.id) == stage_id, is_default=True)


async def order_stages(db: WriteSession, stage_ids: Sequence[int]) -> None:
    """Put the stages into this order; those that are not named keep their places behind. Lost ones stay behind the others anyway."""
    await _alone(db)
    existing = [stage.id for stage in await stages(db)]
    wanted = [id_ for id_ in dict.fromkeys(stage_ids) if id_ in existing]
    for position, id_ in enumerate([*wanted, *(id_ for id_ in existing if id_ not in wanted)]):
        await _set(db, col(LifecycleStage.id) == id_, position=position)
    db.announce("refresh", 0)


def _ordered() -> Select[Any]:
    lost_last = case((col(LifecycleStage.kind) == "lost", 1), else_=0)
    return select(LifecycleStage).order_by(lost_last, col(LifecycleStage.position), col(LifecycleStage.id))


async def _alone(db: WriteSession) -> None:
    """One change of the stages at a time: the default, the won one and the order concern them all."""
    await db.execute(_LOCK, {"workspace_id": db.workspace_id})


async def _only_one_won(db: WriteSession, draft: StageDraft, *, but: int) -> None:
    if draft.kind == "won":
        await _set(db, (col(LifecycleStage.kind) == "won") & (col(LifecycleStage.id) != but), kind="open")


async def _set(db: WriteSession, which: ColumnElement[bool], **values: object) -> None:
    await db.execute(update(LifecycleStage).where(which).values(**values).execution_options(synchronize_session=False))


def _row(draft: StageDraft, *, position: int, is_default: bool) -> LifecycleStage:
    return LifecycleStage(
        name=draft.name, emoji=draft.emoji, description=draft.description, kind=draft.kind, position=position, is_default=is_default
    )


def _checked(draft: StageDraft) -> StageDraft:
    name, description, emoji = " ".join(clean(draft.name).split()), clean(draft.description).strip(), clean(draft.emoji).strip()
    if not name or len(name) > MAX_NAME:
        raise Refused(gettext("A stage needs a name of at most %(most)s characters.") % {"most": MAX_NAME})
    if len(description) > MAX_DESCRIPTION:
        raise Refused(gettext("A description has at most %(most)s characters.") % {"most": MAX_DESCRIPTION})
    if len(emoji) > MAX_EMOJI or " " in emoji:
        raise Refused(gettext("One emoji is enough."))
    if draft.kind not in KINDS:
        raise Refused(gettext("A stage is open, won or lost."))
    return StageDraft(name, emoji, description, draft.kind)


def _taken(draft: StageDraft) -> Refused:
    return Refused(gettext("There is a stage called %(name)s already.") % {"name": draft.name})
