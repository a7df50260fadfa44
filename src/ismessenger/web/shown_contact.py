"""From rows to what the contact panel takes."""

from collections.abc import Collection, Iterable
from datetime import date, time

from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import Right, may
from ismessenger.contacts.edit import value_of
from ismessenger.contacts.fields import Field
from ismessenger.contacts.model import Contact, LifecycleStage, Tag
from ismessenger.contacts.panel import Address, Panel
from ismessenger.contacts.phone import e164
from ismessenger.contacts.values import Value
from ismessenger.language import locale
from ismessenger.sdk.words import gettext
from ismessenger.web.format import country_name, language_name
from ismessenger.web.view_contact import ChannelIdentity, ContactView, FieldView, StageView, TagView


def sees_all(member: Member) -> bool:
    """Whether a member sees and edits every field; from Agents some may be kept."""
    return may(member, Right.CONTACTS)


def fields_for(fields: Iterable[Field], *, full: bool) -> list[Field]:
    """The fields that such members see at all."""
    return [field for field in fields if full or field.agent_access != "hidden"]


def may_edit(field: Field, *, full: bool) -> bool:
    """Whether such members may change the field's value."""
    return full or field.agent_access == "edit"


def contact_panel(contact: Contact, panel: Panel, *, full: bool) -> ContactView:
    """Everything beside a thread, for members with `Right.CONTACTS` or for Agents."""
    stages = [stage_view(stage) for stage in panel.stages]
    seen = fields_for(panel.fields, full=full)
    kept = {field.key for field in panel.fields} - {field.key for field in seen}
    return ContactView(
        id=contact.id,
        name=contact.called(kept),
        created_at=contact.created_at,
        picture_url=contact.picture_url or "",
        fields=[field_view(contact, field, full=full) for field in seen],
        tags=[tag_view(tag) for tag in panel.tags],
        stage=next((stage for stage in stages if stage.id == contact.lifecycle_id), None),
        stages=stages,
        identities=[_identity(address, kept) for address in panel.addresses],
        blocked=contact.blocked_at is not None,
        full=full,
    )


def field_view(contact: Contact, field: Field, *, full: bool) -> FieldView:
    """A field with the contact's value."""
    value = value_of(contact, field)
    shown = shown_value(field, value)
    return FieldView(
        key=field.key,
        name=field_name(field),
        type=field.type,
        value=shown if field.type in {"language", "country"} else _typed(value),
        shown=shown,
        options=field.options,
        description=field.description,
        visible=field.visible,
        editable=may_edit(field, full=full),
    )


def field_name(field: Field) -> str:
    """What a field is called: standard ones in the reader's language."""
    return standard_names().get(field.slug, field.name) if field.column else field.name


def standard_names() -> dict[str, str]:
    """What standard fields are called, by their slugs."""
    return {
        "firstName": gettext("First name"),
        "lastName": gettext("Last name"),
        "phone": gettext("Phone"),
        "email": gettext("E-mail"),
        "language": gettext("Language"),
        "countryCode": gettext("Country"),
    }


def shown_value(field: Field, value: Value | None) -> str:
    """A value as people read it."""
    match field.type, value:
        case _, None:
            return ""
        case "checkbox", bool():
            return gettext("Yes") if value else gettext("No")
        case "number", int() | float():
            return str(format_decimal(value, locale=locale()))
        case "language", str():
            return language_name(value)
        case "country", str():
            return country_name(value)
        case "date", str():
            return str(format_date(date.fromisoformat(value), "medium", locale=locale()))
        case "time", str():
            return str(format_time(time.fromisoformat(value), "short", locale=locale()))
        case _:
            return str(value)


def tag_view(tag: Tag) -> TagView:
    """A tag as it is shown everywhere."""
    return TagView(id=tag.id, name=tag.name, emoji=tag.emoji, color=tag.color)


def stage_view(stage: LifecycleStage) -> StageView:
    """A stage as it is shown everywhere."""
    return StageView(id=stage.id, name=stage.name, emoji=stage.emoji, kind=stage.kind)


def _typed(value: Value | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def shown_identifier(identifier: str, kept: Collection[str]) -> str:
    """How a channel calls somebody; empty where that is a number or an address that is ``kept`` from whoever reads it."""
    # Some channels write numbers without the plus.
    number = "phone" in kept and (e164(identifier) or e164(f"+{identifier}"))
    return "" if number or ("email" in kept and "@" in identifier) else identifier


def _identity(address: Address, kept: Collection[str]) -> ChannelIdentity:
    identity = address.identity
    return ChannelIdentity(
        kind=address.kind,
        channel_name=address.channel_name,
        identifier=shown_identifier(identity.identifier, kept),
        last_incoming_at=identity.last_incoming_at,
        reachable=identity.unreachable_at is None,
    )
