"""Workflows, their versions, and what runs of them did; the signals that move them; what they ask outside; secrets and connections."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, moment, ref


class Workflow(WorkspaceRow, table=True):
    """A workflow. ``draft`` is a `workflows.definition` as JSON, ``draft_number`` grows with every change of it.

    ``status`` is draft, published or stopped; or deleted, as long as its history is being taken away. While it is published, new contacts
    run ``published_id``; ``listens`` are the kinds of timeline events that its trigger waits for. ``hook_secret`` is the end of the
    address of an incoming webhook, ``hook_sample`` the last body that came there while somebody listened.
    """

    __tablename__ = "workflow"
    __table_args__ = (
        Index("workflow_name_key", "workspace_id", text("lower(name)"), unique=True),
        Index("workflow_listens_idx", "workspace_id", postgresql_where=text("status = 'published'")),
    )
    name: str
    description: str = ""
    status: str = "draft"
    draft: dict[str, Any] = json()
    draft_number: int = Field(default=0, sa_type=BigInteger)
    published_id: int | None = Field(default=None, sa_type=BigInteger)
    trigger: str = ""
    listens: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    hook_secret: str | None = None
    hook_sample: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    created_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
    updated_by_id: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: datetime = moment(default_factory=now)
    published_by_id: int | None = Field(default=None, sa_type=BigInteger)
    published_at: datetime | None = moment(nullable=True)


class WorkflowVersion(WorkspaceRow, table=True):
    """A definition as it was published. It never changes; runs keep theirs."""

    __tablename__ = "workflow_version"
    __table_args__ = (belongs_to("workflow", "workflow_id"), UniqueConstraint("workspace_id", "workflow_id", "number"))
    workflow_id: int = ref()
    number: int
    definition: dict[str, Any] = json()
    published_by_id: int | None = Field(default=None, sa_type=BigInteger)
    published_at: datetime = moment(default_factory=now)


class WorkflowEnrolment(WorkspaceRow, table=True):
    """A contact was in a workflow at some time: written always, so that "once per contact" counts from the first day."""

    __tablename__ = "workflow_enrolment"
    __table_args__ = (
        UniqueConstraint("workspace_id", "workflow_id", "contact_id"),
        belongs_to("workflow", "workflow_id"),
        belongs_to("contact", "contact_id"),
        Index("workflow_enrolment_contact_idx", "workspace_id", "contact_id"),
    )
    workflow_id: int = ref()
    contact_id: int = ref()
    at: datetime = moment(default_factory=now)


class WorkflowRun(WorkspaceRow, table=True):
    """One contact on its way through one version. ``state`` is a `workflows.state.State` as JSON.

    ``standing`` repeats the state's: waiting, done, failed or ended; ``waits_for`` what it waits for, ``step`` where. ``depth`` is how many
    workflows set each other off before it. While ``ended_at`` is empty the contact is inside: the unique index lets it in once.
    ``hands`` repeats what the definition says of replies, assignments and closings by a person.
    """

    __tablename__ = "workflow_run"
    __table_args__ = (
        belongs_to("workflow", "workflow_id"),
        belongs_to("workflow_version", "version_id"),
        belongs_to("contact", "contact_id"),
        Index(
            "workflow_run_inside_key", "workspace_id", "contact_id", "workflow_id", unique=True, postgresql_where=text("ended_at IS NULL")
        ),
        Index("workflow_run_workflow_idx", "workspace_id", "workflow_id", text("started_at DESC"), text("id DESC")),
        Index("workflow_run_standing_idx", "workspace_id", "workflow_id", "standing", text("started_at DESC"), text("id DESC")),
        Index("workflow_run_contact_idx", "workspace_id", "contact_id", text("id DESC")),
    )
    workflow_id: int = ref()
    version_id: int = ref()
    contact_id: int = ref()
    standing: str = "waiting"
    waits_for: list[str] = Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)
    step: str | None = None
    state: dict[str, Any] = json()
    trigger: dict[str, Any] = json()
    depth: int = 0
    started_at: datetime = moment(default_factory=now)
    changed_at: datetime = moment(default_factory=now)
    ended_at: datetime | None = moment(nullable=True)
    error: str | None = Field(default=None, sa_type=Text)


class WorkflowStep(WorkspaceRow, table=True):
    """One thing a run did at a step: it left it by ``exit``, began to wait there (``exit`` empty), or failed with ``error``.

    ``effects`` are those of `sdk.step` as JSON, each with ``failed`` and a reason where it was refused; ``variables`` are those that it
    set. ``entered`` marks the first row of each entry, so that counting needs no comparison.
    """

    __tablename__ = "workflow_step"
    __table_args__ = (
        belongs_to("workflow_run", "run_id"),
        Index("workflow_step_run_idx", "workspace_id", "run_id", "id"),
        # Counts read the index alone, also those of a million steps.
        Index("workflow_step_counts_idx", "workspace_id", "workflow_id", "at", postgresql_include=["step", "exit", "entered"]),
        Index(
            "workflow_step_failed_idx",
            "workspace_id",
            "workflow_id",
            "at",
            postgresql_include=["step"],
            postgresql_where=text("error IS NOT NULL"),
        ),
    )
    run_id: int = ref()
    workflow_id: int = Field(sa_type=BigInteger)
    step: str
    kind: str
    entry: int
    exit: str | None = None
    entered: bool = False
    error: str | None = Field(default=None, sa_type=Text)
    output: dict[str, Any] = json()
    variables: dict[str, Any] = json()
    effects: list[dict[str, Any]] = json(list)
    began_at: datetime = moment()
    at: datetime = moment(default_factory=now)


class WorkflowSignal(WorkspaceRow, table=True):
    """Something that workflows are to hear of a contact, in the order of ids. Deleted once it was heard.

    ``kind`` is ``event`` (of the timeline, ``payload.event_id``), ``message`` (incoming, ``payload.message_id``), ``reply`` (a member
    wrote), ``start`` (a workflow by its id with variables), ``time`` or ``result`` (for a run), ``eject`` (out of a workflow), ``retry``
    (a run that failed). ``depth``: how many workflows set each
    other off.
    """

    __tablename__ = "workflow_signal"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        Index("workflow_signal_contact_idx", "workspace_id", "contact_id", "id"),
        Index("workflow_signal_due_idx", "due_at"),
    )
    contact_id: int = ref()
    kind: str
    payload: dict[str, Any] = json()
    depth: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    due_at: datetime = moment(default_factory=now)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    at: datetime = moment(default_factory=now)


class WorkflowCall(WorkspaceRow, table=True):
    """Something that a run asks outside, until its result was told. ``key`` names it in its run.

    ``tries`` are the attempts that were made: when, how many milliseconds each took, and in words what came of it.
    """

    __tablename__ = "workflow_call"
    __table_args__ = (
        belongs_to("workflow_run", "run_id"),
        UniqueConstraint("workspace_id", "run_id", "key"),
        Index("workflow_call_due_idx", "due_at"),
    )
    run_id: int = ref()
    contact_id: int = Field(sa_type=BigInteger)
    key: str
    integration: str
    action: str
    request: dict[str, Any] = json()
    connection_id: int | None = Field(default=None, sa_type=BigInteger)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    tries: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": "[]"})
    due_at: datetime = moment(default_factory=now)
    at: datetime = moment(default_factory=now)


class WorkflowSecret(WorkspaceRow, table=True):
    """A secret that HTTP requests name, sealed. Nobody reads it again."""

    __tablename__ = "workflow_secret"
    __table_args__ = (Index("workflow_secret_name_key", "workspace_id", text("lower(name)"), unique=True),)
    name: str
    value: bytes = Field(sa_type=LargeBinary)
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = moment(default_factory=now)
    used_at: datetime | None = moment(nullable=True)


class Connection(WorkspaceRow, table=True):
    """An account at a service outside, of an integration. ``secrets`` are sealed; ``error`` says why it does not work at present."""

    __tablename__ = "connection"
    __table_args__ = (Index("connection_name_key", "workspace_id", "kind", text("lower(name)"), unique=True),)
    kind: str
    name: str
    config: dict[str, Any] = json()
    secrets: bytes | None = Field(default=None, sa_type=LargeBinary)
    error: str | None = Field(default=None, sa_type=Text)
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)


class QueuedAssignment(WorkspaceRow, table=True):
    """A contact that waits until a member qualifies for it; the oldest is served first. ``run_id`` and ``key`` are whom the result is told.

    ``pool`` is member, team or workspace, ``pool_id`` which one; ``below`` and ``online_only`` are its limits. ``actor`` and ``by_id``
    are who assigns. With ``member_id`` it waits no more: it was given to that member, and goes on to somebody else once they are offline.
    """

    __tablename__ = "queued_assignment"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        belongs_to("workflow_run", "run_id"),
        Index("queued_assignment_contact_key", "workspace_id", "contact_id", text("COALESCE(run_id, 0)"), unique=True),
        Index("queued_assignment_run_idx", "workspace_id", "run_id"),
    )
    contact_id: int = ref()
    run_id: int | None = ref(nullable=True)
    key: str = ""
    member_id: int | None = Field(default=None, sa_type=BigInteger)
    actor: str = "workflow"
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    pool: str
    pool_id: int | None = Field(default=None, sa_type=BigInteger)
    logic: str = "round_robin"
    online_only: bool = False
    below: int | None = None
    reassign_offline: bool = False
    turn: str = ""
    at: datetime = moment(default_factory=now)


class AssignmentTurn(WorkspaceRow, table=True):
    """Whose turn it was last in a round robin; ``turn`` names the step or the pool. Who chooses next holds the row."""

    __tablename__ = "assignment_turn"
    __table_args__ = (UniqueConstraint("workspace_id", "turn"),)
    turn: str
    member_id: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
