"""What the templates take of a contact: its fields, tags, stage and addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TagView:
    """A tag. ``color`` is one of `tags.COLORS`."""

    id: int
    name: str
    emoji: str = ""
    color: str = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """A stage of the lifecycle. ``kind`` is open, won or lost."""

    id: int
    name: str
    emoji: str = ""
    kind: str = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """A field of one contact. ``value`` is what an input holds, ``shown`` what a person reads; both are empty without a value.

    ``type`` is `fields.Type`. ``options`` are those of a list. A field that is not ``visible`` is folded away. ``error`` says why what
    was typed is not stored.
    """

    key: str
    name: str
    type: str
    value: str = ""
    shown: str = ""
    options: Sequence[str] = ()
    description: str = ""
    visible: bool = True
    editable: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelIdentity:
    """An address of a contact on a channel. ``reachable`` is false after the person blocked us or left."""

    kind: str
    channel_name: str
    identifier: str
    last_incoming_at: datetime | None = None
    reachable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """Everything the contact panel shows. ``stages`` is empty while the workspace has no lifecycle.

    With ``full`` it is made for members who work with the contacts module (`Right.CONTACTS`); else for Agents: a field that is hidden
    from them is not in it.
    """

    id: int
    name: str
    created_at: datetime
    picture_url: str = ""
    fields: Sequence[FieldView] = ()
    tags: Sequence[TagView] = ()
    stage: StageView | None = None
    stages: Sequence[StageView] = ()
    identities: Sequence[ChannelIdentity] = ()
    blocked: bool = False
    full: bool = True
