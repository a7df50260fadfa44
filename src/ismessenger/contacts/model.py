"""Contacts, the identities by which channels know them, and what a workspace says about them: fields, tags, stages, segments."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field

from ismessenger.kit.clock import now
from ismessenger.tenancy.rows import WorkspaceRow, belongs_to, json, may_point_to, moment, ref


class Contact(WorkspaceRow, table=True):
    """A person who can be messaged. What inbox lists read most stands on the row: status, assignee, last message.

    ``status`` is open, snoozed (open, and hidden until ``snoozed_until``) or closed, and follows the conversation, like ``opened_at``, when
    it was opened; ``preview`` holds the last words, at most 200 characters.
    ``fields`` holds the values of custom fields by the field's id as text: words, a number, true or false, ``YYYY-MM-DD``, ``HH:MM``.
    A field without a value has no key. ``tag_ids`` is sorted. ``phone`` is E.164 where the number could be read.
    """

    __tablename__ = "contact"
    __table_args__ = (
        may_point_to("member", "assignee_id"),
        may_point_to("lifecycle_stage", "lifecycle_id"),
        Index(
            "contact_newest_idx",
            "workspace_id",
            text("last_message_at DESC"),
            text("id DESC"),
            postgresql_where=text("last_message_at IS NOT NULL"),
        ),
        Index("contact_status_newest_idx", "workspace_id", "status", text("last_message_at DESC"), text("id DESC")),
        Index("contact_assignee_newest_idx", "workspace_id", "assignee_id", "status", text("last_message_at DESC"), text("id DESC")),
        Index("contact_longest_open_idx", "workspace_id", "status", "opened_at", "id", postgresql_where=text("opened_at IS NOT NULL")),
        # Few are: those who are not cost it nothing.
        Index(
            "contact_blocked_idx",
            "workspace_id",
            text("last_message_at DESC"),
            text("id DESC"),
            postgresql_where=text("blocked_at IS NOT NULL"),
        ),
        Index("contact_phone_idx", "workspace_id", "phone", postgresql_where=text("phone IS NOT NULL")),
        Index("contact_email_idx", "workspace_id", text("lower(email)"), postgresql_where=text("email IS NOT NULL")),
        Index("contact_lifecycle_idx", "workspace_id", "lifecycle_id", "id", postgresql_where=text("lifecycle_id IS NOT NULL")),
        # Most contacts have neither: what the indexes leave out costs nothing when a message arrives. Queries repeat the condition.
        Index("contact_tags_idx", "tag_ids", postgresql_using="gin", postgresql_where=text("tag_ids <> '{}'")),
        Index(
            "contact_fields_idx",
            "fields",
            postgresql_using="gin",
            postgresql_ops={"fields": "jsonb_path_ops"},
            postgresql_where=text("fields <> '{}'"),
        ),
    )
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    country_code: str | None = None
    picture_url: str | None = None
    assignee_id: int | None = ref(nullable=True)
    status: str = "closed"
    opened_at: datetime | None = moment(nullable=True)
    snoozed_until: datetime | None = moment(nullable=True)
    blocked_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_factory=now)
    created_source: str = "contact"
    last_message_at: datetime | None = moment(nullable=True)
    last_incoming_at: datetime | None = moment(nullable=True)
    last_outgoing_at: datetime | None = moment(nullable=True)
    last_incoming_id: int | None = Field(default=None, sa_type=BigInteger)
    last_channel_id: int | None = Field(default=None, sa_type=BigInteger)
    preview: str = Field(default="", sa_column_kwargs={"server_default": ""})
    preview_traffic: str = Field(default="", sa_column_kwargs={"server_default": ""})
    lifecycle_id: int | None = ref(nullable=True)
    tag_ids: list[int] = Field(default_factory=list, sa_type=ARRAY(BigInteger), nullable=False, sa_column_kwargs={"server_default": "{}"})
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": "{}"})

    def called(self, kept: Collection[str]) -> str:
        """What to call the person on screen, for whoever the fields of the keys ``kept`` are kept from: ``#61`` if all else is."""
        held = {"firstName": self.first_name, "lastName": self.last_name, "phone": self.phone, "email": self.email}
        seen = {key: value for key, value in held.items() if value and key not in kept}
        full = " ".join(seen[key] for key in ("firstName", "lastName") if key in seen)
        return full or seen.get("phone") or seen.get("email") or f"#{self.id}"


class ContactChannel(WorkspaceRow, table=True):
    """One identity of a contact: how one channel knows the person. ``unreachable_at`` is set when the person blocked us or left."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        UniqueConstraint("workspace_id", "channel_id", "identifier"),
        belongs_to("contact", "contact_id"),
        belongs_to("channel", "channel_id"),
        Index("contact_channel_contact_idx", "workspace_id", "contact_id"),
    )
    contact_id: int = ref()
    channel_id: int = ref()
    identifier: str
    meta: dict[str, Any] = json()
    last_message_at: datetime | None = moment(nullable=True)
    last_incoming_at: datetime | None = moment(nullable=True)
    unreachable_at: datetime | None = moment(nullable=True)
    profiled_at: datetime | None = moment(nullable=True)
    created_at: datetime = moment(default_factory=now)


class ContactWords(WorkspaceRow, table=True):
    """What a contact is found by: first and last name and phone, folded, and the ``name`` by which it is sorted, if it has one.

    Triggers of the database keep it; ``kit/folding.py`` says what folded is.

    ``grams`` are its pieces of three characters, and of one and two where they are not ASCII, each behind the workspace's number and a
    colon: one index serves all workspaces, and none reads another's. It is no column of the contact because a contact changes with every
    message, its name hardly ever.
    """

    __tablename__ = "contact_words"
    __table_args__ = (
        belongs_to("contact", "contact_id"),
        Index("contact_words_contact_idx", "workspace_id", "contact_id"),
        Index("contact_words_grams_idx", "grams", postgresql_using="gin"),
        Index("contact_words_name_idx", "workspace_id", "name", "contact_id", postgresql_where=text("name IS NOT NULL")),
    )
    contact_id: int = ref()
    words: str
    name: str | None = None
    grams: list[str] = Field(sa_type=ARRAY(Text), nullable=False)


class ContactField(WorkspaceRow, table=True):
    """A custom field, or what a workspace decided about a standard one (then ``standard`` is its slug).

    ``type`` never changes: text, list, checkbox, email, number, url, date or time. ``options`` are the allowed values of a list.
    A field that is not ``visible`` is folded away in the contact panel. ``agent_access`` is edit, read or hidden.
    """

    __tablename__ = "contact_field"
    __table_args__ = (UniqueConstraint("workspace_id", "slug"),)
    slug: str
    name: str
    description: str = ""
    type: str = "text"
    options: list[str] = json(list)
    position: int = 0
    visible: bool = True
    agent_access: str = "edit"
    standard: bool = False
    created_at: datetime = moment(default_factory=now)


class Tag(WorkspaceRow, table=True):
    """A label on contacts. ``color`` is one of eight words; ``emoji`` may be empty."""

    __tablename__ = "tag"
    __table_args__ = (Index("tag_name_key", "workspace_id", text("lower(name)"), unique=True),)
    name: str
    description: str = ""
    emoji: str = ""
    color: str = "grey"
    created_at: datetime = moment(default_factory=now)


class LifecycleStage(WorkspaceRow, table=True):
    """A stage that a contact can be in. ``kind`` is open, won or lost; new contacts get the default one."""

    __tablename__ = "lifecycle_stage"
    __table_args__ = (
        Index("lifecycle_stage_name_key", "workspace_id", text("lower(name)"), unique=True),
        Index("lifecycle_stage_default_key", "workspace_id", unique=True, postgresql_where=text("is_default")),
    )
    name: str
    emoji: str = ""
    description: str = ""
    position: int = 0
    kind: str = "open"
    is_default: bool = False


class Segment(WorkspaceRow, table=True):
    """A saved filter of contacts. ``condition`` is a tree of `conditions.tree` as JSON, with ids inside."""

    __tablename__ = "segment"
    __table_args__ = (Index("segment_name_key", "workspace_id", text("lower(name)"), unique=True),)
    name: str
    description: str = ""
    condition: dict[str, Any] = json()
    created_by_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = moment(default_factory=now)
    updated_at: datetime = moment(default_factory=now)


class MergeDismissal(WorkspaceRow, table=True):
    """Somebody said that these two are not the same person; ``first_id`` is the lower id."""

    __tablename__ = "merge_dismissal"
    __table_args__ = (
        UniqueConstraint("workspace_id", "first_id", "second_id"),
        belongs_to("contact", "first_id"),
        belongs_to("contact", "second_id"),
        Index("merge_dismissal_second_idx", "workspace_id", "second_id"),
    )
    first_id: int = ref()
    second_id: int = ref()
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = moment(default_factory=now)


class Erasure(WorkspaceRow, table=True):
    """A contact that is gone for good: who asked for it, when, and how much went with it. Nothing here names the person."""

    __tablename__ = "erasure"
    contact_id: int = Field(sa_type=BigInteger)
    by_id: int | None = Field(default=None, sa_type=BigInteger)
    at: datetime = moment(default_factory=now)
    messages: int = 0
    conversations: int = 0
    files: int = 0


class ImportedContact(WorkspaceRow, table=True):
    """What an import did to one contact, to undo it: ``before`` holds the values that it replaced, and is null for a new contact.

    ``after`` holds what it wrote: only what is still so is put back.
    """

    __tablename__ = "imported_contact"
    __table_args__ = (
        belongs_to("job", "job_id"),
        belongs_to("contact", "contact_id"),
        UniqueConstraint("workspace_id", "job_id", "contact_id"),
        Index("imported_contact_contact_idx", "workspace_id", "contact_id"),
    )
    job_id: int = ref()
    contact_id: int = ref()
    before: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    after: dict[str, Any] = json()


class ContactTable(WorkspaceRow, table=True):
    """Which columns of the contacts table a member chose, in order."""

    __tablename__ = "contact_table"
    __table_args__ = (UniqueConstraint("workspace_id", "member_id"), belongs_to("member", "member_id"))
    member_id: int = ref()
    columns: list[str] = json(list)
