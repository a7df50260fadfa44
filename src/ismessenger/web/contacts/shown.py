"""From rows to what the templates of the contacts module take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

from ismessenger.contacts.beside import Beside
from ismessenger.contacts.columns import Column
from ismessenger.contacts.edit import value_of
from ismessenger.contacts.model import Contact, Segment
from ismessenger.contacts.order import sortable
from ismessenger.contacts.segments import PREBUILT
from ismessenger.conversations.custom import Line
from ismessenger.sdk.words import gettext
from ismessenger.web import shown
from ismessenger.web.contacts.place import INBOX, PATH, Place
from ismessenger.web.shown_contact import field_name, shown_value, stage_view, tag_view
from ismessenger.web.view import MemberView
from ismessenger.web.view_contact import StageView, TagView

Sorted = Literal["", "ascending", "descending"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnView:
    """A column of the table. ``type`` is that of a field, else empty; ``url`` sorts by it and is empty where that cannot be."""

    key: str
    name: str
    type: str = ""
    url: str = ""
    sorted: Sorted = ""
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A contact in the table. ``values`` are those of fields, by the column's key, as people read them."""

    id: int
    name: str
    picture_url: str
    status: Literal["open", "snoozed", "closed", "blocked"]
    created_at: datetime
    last_message_at: datetime | None
    assignee: MemberView | None = None
    stage: StageView | None = None
    channels: Sequence[tuple[str, str]] = ()
    tags: Sequence[TagView] = ()
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A line of the list at the side. ``count_url`` tells how many it holds; ``description`` is what somebody wrote about it."""

    key: str
    name: str
    url: str
    count_url: str
    current: bool
    description: str = ""


def row_view(contact: Contact, columns: Sequence[Column], known: Beside) -> RowView:
    """A contact with what these columns show."""
    assignee = known.members.get(contact.assignee_id or 0)
    stage = known.stages.get(contact.lifecycle_id or 0)
    has = set(contact.tag_ids)
    return RowView(
        id=contact.id,
        name=contact.called(()),
        picture_url=contact.picture_url or "",
        status="blocked" if contact.blocked_at else cast("Literal['open', 'snoozed', 'closed']", contact.status),
        created_at=contact.created_at,
        last_message_at=contact.last_message_at,
        assignee=shown.member_view(assignee) if assignee else None,
        stage=stage_view(stage) if stage else None,
        channels=known.channels.get(contact.id, ()),
        tags=[tag_view(tag) for id_, tag in known.tags.items() if id_ in has],
        values={column.key: shown_value(column.field, value_of(contact, column.field)) for column in columns if column.field},
    )


def column_view(column: Column, place: Place, *, can_sort: bool, chosen: bool = True) -> ColumnView:
    """A column with the way to sort by it."""
    return ColumnView(
        key=column.key,
        name=column_name(column),
        type=column.field.type if column.field else "",
        url=place.sorted_by(column.key).url() if can_sort and sortable(column) else "",
        sorted=sorted_by(place, column.key),
        chosen=chosen,
    )


def sorted_by(place: Place, key: str) -> Sorted:
    """Whether and how the table is sorted by this column."""
    return "ascending" if place.sort == key else "descending" if place.sort == f"-{key}" else ""


def column_name(column: Column) -> str:
    """What stands above a column."""
    if column.field is not None:
        return field_name(column.field)
    return {
        "channels": gettext("Channels"),
        "tags": gettext("Tags"),
        "lifecycle": gettext("Lifecycle stage"),
        "assignee": gettext("Assignee"),
        "status": gettext("Status"),
        "created": gettext("Created"),
        "lastMessage": gettext("Last message"),
        "id": gettext("Contact ID"),
    }[column.key]


def segment_views(segments: Sequence[Segment], place: Place) -> list[SegmentView]:
    """The workspace's segments."""
    return [_segment(str(each.id), each.name, place, each.description) for each in segments]


def prebuilt_views(place: Place) -> list[SegmentView]:
    """Those that every workspace has."""
    return [_segment(each.slug, prebuilt_name(each.slug), place) for each in PREBUILT]


def inbox_views(inboxes: Sequence[Line], place: Place) -> list[SegmentView]:
    """The custom inboxes that the member has: their conditions filter contacts as well."""
    return [_segment(f"{INBOX}{each.id}", each.name, place, each.description) for each in inboxes]


def prebuilt_name(slug: str) -> str:
    """What a prebuilt segment is called."""
    return {
        "new": gettext("Created less than 7 days ago"),
        "inactive": gettext("Inactive for more than 30 days"),
        "tagged": gettext("With tags"),
        "country": gettext("Country known"),
        "language": gettext("Language known"),
    }[slug]


def _segment(key: str, name: str, place: Place, description: str = "") -> SegmentView:
    return SegmentView(
        key=key,
        name=name,
        url=f"{PATH}?segment={key}",
        count_url=f"{PATH}/segments/{key}/count",
        current=place.segment == key,
        description=description,
    )
