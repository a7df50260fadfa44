"""What the demo shop knows about its customers: a lifecycle, tags, fields, and values that fit them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ismessenger.contacts.define_fields import FieldDraft, add_field
from ismessenger.contacts.lifecycle import enable_lifecycle, stages
from ismessenger.contacts.tags import TagDraft, add_tag
from ismessenger.contacts.values import Value
from ismessenger.kit.clock import now
from ismessenger.tenancy.doors import WriteSession

TAGS = (
    TagDraft("Workshop", "Has a bicycle with us for repair", "🔧", "orange"),
    TagDraft("E-bike", "", "⚡", "green"),
    TagDraft("Wholesale", "Buys for a company or a club", "", "indigo"),
    TagDraft("Newsletter", "", "", "blue"),
    TagDraft("Complaint", "Call back before writing", "", "red"),
)
FIELDS = (
    FieldDraft("Bike", "list", description="What they ride", options=("City", "Trekking", "Gravel", "Mountain", "Cargo", "Kids")),
    FieldDraft("Frame height", "number", description="In centimetres"),
    FieldDraft("Next service", "date"),
    FieldDraft("Club member", "checkbox", description="Ten per cent off", visible=False),
)
# How far the customers are: most are new, some buy, a few went away.
COURSE = (0, 3, 1, 3, 2, 0, 3, 1, 4, 0)


@dataclass(frozen=True, slots=True)
class Labels:
    """What a contact can be given: ids."""

    stages: Sequence[int]
    tags: Sequence[int]
    fields: Sequence[int]


async def lay_out(db: WriteSession) -> Labels:
    """Make them all."""
    await enable_lifecycle(db, on=True)
    tags = [(await add_tag(db, draft)).id for draft in TAGS]
    fields = [(await add_field(db, draft)).id for draft in FIELDS]
    return Labels([stage.id for stage in await stages(db)], tags, fields)


def stage_of(labels: Labels, index: int) -> int:
    """The stage of the customer with this number."""
    return labels.stages[COURSE[index % len(COURSE)]]


def tags_of(labels: Labels, index: int) -> list[int]:
    """None to two tags, sorted."""
    chosen = {index % 7, (index * 3) % 11} if index % 4 else {index % 9}
    return sorted(labels.tags[each] for each in chosen if each < len(labels.tags))


def values_of(labels: Labels, index: int) -> Mapping[str, Value]:
    """Values of some fields."""
    bike, height, service, club = map(str, labels.fields)
    options = FIELDS[0].options
    values: dict[str, Value] = {}
    if index % 3:
        values |= {bike: options[index % len(options)], height: 48 + index % 12}
    if index % 4 == 1:
        values[service] = (now().date() + timedelta(days=9 * (index % 20) - 30)).isoformat()
    if index % 5 == 0:
        values[club] = True
    return values
