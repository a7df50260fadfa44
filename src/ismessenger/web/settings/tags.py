"""Settings → Tags: make, rename, colour, merge and delete the labels of contacts."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

from pydantic import BaseModel
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.rights import Right
from ismessenger.background.model import Job
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.mentions import Mentions, mentions
from ismessenger.contacts.model import Tag
from ismessenger.contacts.retire import delete_tag, merge_tags
from ismessenger.contacts.tags import (
    COLORS,
    COUNTED,
    MAX_NAME,
    TagDraft,
    add_tag,
    change_tag,
    tag_named,
    tags,
    tags_by_name,
    tags_page,
    used,
)
from ismessenger.kit import pagination
from ismessenger.kit.text import clean
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.forms import parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.shown_contact import tag_view
from ismessenger.web.templating import render
from ismessenger.web.view_contact import TagView

LIST = "/settings/tags"
SUGGESTED = 500


class TagForm(BaseModel):
    """A tag as typed."""

    name: str = ""
    emoji: str = ""
    color: str = "grey"
    description: str = ""

    @property
    def draft(self) -> TagDraft:
        """What was typed."""
        return TagDraft(self.name, self.description, self.emoji, self.color)


class MergeForm(BaseModel):
    """The name of the tag that stays."""

    into: str = ""


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag in the list. ``contacts`` is exact up to `COUNTED`."""

    tag: TagView
    description: str
    contacts: int


@reads(Right.SETTINGS)
async def index(visit: Visit) -> Response:
    """``GET /settings/tags?words=…&after=CURSOR``: a page of the tags by name."""
    words = " ".join(clean(visit.request.query_params.get("words", ""), MAX_NAME).split())
    cursor = visit.request.query_params.get("after")
    after = cast("tuple[str, int]", pagination.decode(cursor, str, int)) if cursor else None
    found, further = await tags_page(visit.reading, words, after=after)
    counts = await used(visit.reading, [tag.id for tag in found])
    rows = [TagRow(tag_view(tag), tag.description, counts[tag.id]) for tag in found]
    next_page = pagination.encode(*further) if further else ""
    return await _page(visit, "settings/tags.html", tags=rows, words=words, first=after is None, further=next_page, counted=COUNTED)


@reads(Right.SETTINGS)
async def new(visit: Visit) -> Response:
    """``GET /settings/tags/new``."""
    return await _form(visit, None, TagForm(), "")


@writes(Right.SETTINGS)
async def create(visit: Visit) -> Response:
    """``POST /settings/tags``."""
    form = await parse(visit.request, TagForm)
    try:
        await add_tag(visit.db, form.draft)
    except Refused as error:
        return await _form(visit, None, form, str(error))
    return see_other(LIST)


@reads(Right.SETTINGS)
async def edit(visit: Visit) -> Response:
    """``GET /settings/tags/ID``."""
    tag = await tag_named(visit.reading, visit.path_id())
    return await _form(visit, tag, TagForm(name=tag.name, emoji=tag.emoji, color=tag.color, description=tag.description), "")


@writes(Right.SETTINGS)
async def update(visit: Visit) -> Response:
    """``POST /settings/tags/ID``."""
    form = await parse(visit.request, TagForm)
    tag = await tag_named(visit.db, visit.path_id())
    try:
        await change_tag(visit.db, tag.id, form.draft)
    except Refused as error:
        return await _form(visit, tag, form, str(error))
    return see_other(LIST)


@writes(Right.SETTINGS)
async def merge(visit: Visit) -> Response:
    """``POST /settings/tags/ID/merging``: its contacts get another tag, and this one goes."""
    form = await parse(visit.request, MergeForm)
    tag = await tag_named(visit.db, visit.path_id())
    typed = TagForm(name=tag.name, emoji=tag.emoji, color=tag.color, description=tag.description)
    try:
        into = await _called(visit.db, form.into)
        job = await merge_tags(visit.db, tag.id, into.id, by=visit.member.id)
    except Refused as error:
        return await _form(visit, tag, typed, "", into=form.into, into_error=str(error))
    return _to_list(job)


@writes(Right.SETTINGS)
async def destroy(visit: Visit) -> Response:
    """``POST /settings/tags/ID/deletion``: it is taken off every contact."""
    return _to_list(await delete_tag(visit.db, visit.path_id(), by=visit.member.id))


async def _called(db: ReadSession, name: str) -> Tag:
    found = await tags_by_name(db, [name], create=False)
    if not found:
        raise Refused(gettext("There is no tag called %(name)s.") % {"name": name})
    return found[0]


def _to_list(job: Job | None) -> Response:
    return see_other(f"/jobs/{job.id}" if job else LIST)


async def _form(visit: Visit, tag: Tag | None, form: TagForm, error: str, *, into: str = "", into_error: str = "") -> Response:
    return await _page(
        visit,
        "settings/tag.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or into_error else HTTPStatus.OK,
        tag=tag_view(tag) if tag else None,
        form=form,
        colors=COLORS,
        contacts=(await used(visit.reading, [tag.id]))[tag.id] if tag else 0,
        counted=COUNTED,
        used_by=await mentions(visit.reading, visit.member, "contactTag", tag.id) if tag else Mentions(),
        others=[other.name for other in await tags(visit.reading) if other.id != tag.id][:SUGGESTED] if tag else [],
        into=into,
        into_error=into_error,
        error=error,
    )


async def _page(visit: Visit, template: str, *, status: int = HTTPStatus.OK, **arguments: object) -> Response:
    return render(visit.request, template, status=status, shell=shell_of(visit, await live_seq(visit)), **arguments)


routes: list[BaseRoute] = [
    Route(LIST, index),
    Route(f"{LIST}/new", new),
    Route(LIST, create, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}", edit),
    Route(f"{LIST}/{{id:id}}", update, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/merging", merge, methods=["POST"]),
    Route(f"{LIST}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
