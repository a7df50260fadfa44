"""Custom inboxes: made, changed, shared, copied and deleted by whoever owns them."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.members import members
from ismessenger.accounts.rights import Right
from ismessenger.accounts.teams import teams
from ismessenger.conditions.schema import editor_schema
from ismessenger.conditions.tree import EVERYBODY, ConditionInvalid, Group, parse_text
from ismessenger.contacts.errors import Refused
from ismessenger.contacts.fields import kept_from
from ismessenger.contacts.vocabulary import vocabulary
from ismessenger.conversations.custom import (
    MAX_SHARED_WITH,
    InboxDraft,
    Sharing,
    add_inbox,
    change_inbox,
    condition_of,
    delete_inbox,
    duplicate_inbox,
    own_inbox,
)
from ismessenger.web import shown
from ismessenger.web.edge import Visit, reads, see_other, writes
from ismessenger.web.errors import Unprocessable
from ismessenger.web.forms import Id, parse
from ismessenger.web.shell import live_seq, shell_of
from ismessenger.web.templating import render

PATH = "/inboxes"


class InboxForm(BaseModel):
    """The form of a custom inbox; ``condition`` is its tree as JSON."""

    name: str = ""
    emoji: str = ""
    description: str = ""
    condition: str = "{}"
    sharing: Sharing = "private"
    members: list[Id] = Field([], max_length=MAX_SHARED_WITH)
    teams: list[Id] = Field([], max_length=MAX_SHARED_WITH)

    @property
    def group(self) -> Group:
        """The condition. Raises `Unprocessable`."""
        try:
            return parse_text(self.condition) if self.condition != "{}" else EVERYBODY
        except ConditionInvalid as error:
            raise Unprocessable(str(error)) from error

    @property
    def draft(self) -> InboxDraft:
        """What the inbox shall be."""
        return InboxDraft(self.name, self.group, self.description, self.emoji, self.sharing, self.members, self.teams)


@reads(Right.INBOX)
async def new(visit: Visit) -> Response:
    """``GET /inboxes/new``."""
    return await _form(visit, 0, InboxForm(), EVERYBODY)


@writes(Right.INBOX)
async def create(visit: Visit) -> Response:
    """``POST /inboxes``."""
    form = await parse(visit.request, InboxForm)
    try:
        inbox = await add_inbox(visit.db, visit.member, form.draft)
    except Refused as error:
        return await _form(visit, 0, form, form.group, str(error))
    return see_other(f"/inbox/custom-{inbox.id}")


@reads(Right.INBOX)
async def edit(visit: Visit) -> Response:
    """``GET /inboxes/ID``: the form, for whoever made it."""
    inbox = await own_inbox(visit.reading, visit.member, visit.path_id())
    form = InboxForm(
        name=inbox.name,
        emoji=inbox.emoji,
        description=inbox.description,
        sharing=inbox.sharing,
        members=inbox.member_ids,
        teams=inbox.team_ids,
    )
    return await _form(visit, inbox.id, form, condition_of(inbox))


@writes(Right.INBOX)
async def update(visit: Visit) -> Response:
    """``POST /inboxes/ID``."""
    form = await parse(visit.request, InboxForm)
    # Whoever may not change it does not get its form back either.
    await own_inbox(visit.db, visit.member, visit.path_id())
    try:
        await change_inbox(visit.db, visit.member, visit.path_id(), form.draft)
    except Refused as error:
        return await _form(visit, visit.path_id(), form, form.group, str(error))
    return see_other(f"/inbox/custom-{visit.path_id()}")


@writes(Right.INBOX)
async def duplicate(visit: Visit) -> Response:
    """``POST /inboxes/ID/copies``: one more like it, to be changed next."""
    inbox = await duplicate_inbox(visit.db, visit.member, visit.path_id())
    return see_other(f"{PATH}/{inbox.id}")


@writes(Right.INBOX)
async def destroy(visit: Visit) -> Response:
    """``POST /inboxes/ID/deletion``."""
    await delete_inbox(visit.db, visit.member, visit.path_id())
    return see_other("/inbox")


async def _form(visit: Visit, inbox_id: int, form: InboxForm, condition: Group, error: str = "") -> Response:
    db = visit.reading
    known = (await vocabulary(db, visit.signed_in.workspace.timezone)).without(await kept_from(db, visit.member))
    others = [shown.member_view(member) for member in await members(db) if member.id != visit.member.id]
    return render(
        visit.request,
        "inboxes/form.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        shell=shell_of(visit, await live_seq(visit)),
        inbox_id=inbox_id,
        form=form,
        condition=condition.as_json(),
        schema=editor_schema(known, condition),
        members=others,
        teams=[(team.id, team.name) for team in await teams(db)],
        error=error,
    )


routes: list[BaseRoute] = [
    Route(PATH, create, methods=["POST"]),
    Route(f"{PATH}/new", new),
    Route(f"{PATH}/{{id:id}}", edit),
    Route(f"{PATH}/{{id:id}}", update, methods=["POST"]),
    Route(f"{PATH}/{{id:id}}/copies", duplicate, methods=["POST"]),
    Route(f"{PATH}/{{id:id}}/deletion", destroy, methods=["POST"]),
]
