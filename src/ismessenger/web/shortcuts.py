"""Shortcuts of a conversation: which there are, the form of one, and beginning it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.automation.shortcuts import FormIncomplete, Offer, begin, offer, offers
from ismessenger.automation.start import NotStarted
from ismessenger.contacts.find import hold_contact, visible_contact
from ismessenger.sdk.words import gettext
from ismessenger.web.changes import answer_with_changes
from ismessenger.web.edge import Visit, reads, writes
from ismessenger.web.forms import Id, asked
from ismessenger.web.templating import fragment, render, stream
from workflows.triggers.shortcut import Input

FIELD: Final = "value."
"""Before the names of variables in the form."""


class PaletteQuery(BaseModel):
    """For whom the palette shows shortcuts."""

    contact: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutView:
    """A shortcut as it is offered for a contact. ``asks``: it has a form."""

    id: int
    name: str
    description: str
    icon: str
    asks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutForm:
    """One with its fields. What was typed stays, by the variables' names; ``wrong`` says what does not fit, ``error`` why not at all."""

    shortcut: ShortcutView
    contact_id: int
    contact_name: str
    fields: Sequence[Input]
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


@reads(Right.SHORTCUTS)
async def choices(visit: Visit) -> Response:
    """``GET /contacts/ID/shortcuts``: those that can be begun."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    found = [_view(each) for each in await offers(visit.reading)]
    return render(visit.request, "shortcuts/list.html", contact_id=contact.id, contact_name=await visit.name_of(contact), shortcuts=found)


@reads(Right.SHORTCUTS)
async def palette(visit: Visit) -> Response:
    """``GET /palette/shortcuts?contact=ID``: the same for the palette."""
    contact = await visible_contact(visit.reading, visit.member, asked(visit.request, PaletteQuery).contact)
    found = [_view(each) for each in await offers(visit.reading)]
    return render(visit.request, "search/palette_shortcuts.html", contact_id=contact.id, shortcuts=found)


@reads(Right.SHORTCUTS)
async def ask(visit: Visit) -> Response:
    """``GET /contacts/ID/shortcuts/WORKFLOW``: what one of them asks."""
    contact = await visible_contact(visit.reading, visit.member, visit.path_id())
    chosen = await offer(visit.reading, visit.path_id("workflow"))
    return render(visit.request, "shortcuts/form.html", form=_form(contact.id, await visit.name_of(contact), chosen))


@writes(Right.SHORTCUTS)
async def run(visit: Visit) -> Response:
    """``POST /contacts/ID/shortcuts/WORKFLOW``: begin it. What it does comes by itself, a moment later."""
    contact = await hold_contact(visit.db, visit.member, visit.path_id())
    name = await visit.name_of(contact)
    chosen = await offer(visit.db, visit.path_id("workflow"))
    sent = await visit.request.form(max_files=0)
    given = {name.removeprefix(FIELD): value for name, value in sent.items() if name.startswith(FIELD) and isinstance(value, str)}
    try:
        await begin(visit.installation, visit.db, visit.member, contact.id, chosen, given)
    except FormIncomplete as error:
        return _again(visit, _form(contact.id, name, chosen, given, error.wrong))
    except NotStarted as error:
        if not visit.wants_streams:
            raise
        return _again(visit, _form(contact.id, name, chosen, given, error=str(error)))
    words = gettext("%(shortcut)s has begun with %(name)s") % {"shortcut": chosen.name, "name": name}
    return await answer_with_changes(visit, contact.id, fragment("components/toast.stream.html", words=words, undo=None))


def _again(visit: Visit, form: ShortcutForm) -> Response:
    if visit.wants_streams:
        return stream("shortcuts/again.stream.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)
    return render(visit.request, "shortcuts/form.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, form=form)


def _form(
    contact_id: int,
    contact_name: str,
    chosen: Offer,
    typed: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
    error: str = "",
) -> ShortcutForm:
    return ShortcutForm(
        shortcut=_view(chosen),
        contact_id=contact_id,
        contact_name=contact_name,
        fields=[each for each in chosen.params.form if each.variable],
        typed=typed or {},
        wrong=wrong or {},
        error=error,
    )


def _view(each: Offer) -> ShortcutView:
    params = each.params
    return ShortcutView(
        id=each.workflow.id, name=each.name, description=params.description, icon=params.icon or "zap", asks=bool(params.form)
    )


routes: list[BaseRoute] = [
    Route("/palette/shortcuts", palette),
    Route("/contacts/{id:id}/shortcuts", choices),
    Route("/contacts/{id:id}/shortcuts/{workflow:id}", ask),
    Route("/contacts/{id:id}/shortcuts/{workflow:id}", run, methods=["POST"]),
]
