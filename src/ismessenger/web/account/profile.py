"""Your account → Profile: name, picture, language, time zone."""

from http import HTTPStatus

from pydantic import BaseModel, Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.profile import ProfileRefused, change_picture, change_profile, remove_picture
from ismessenger.accounts.sign_in import Browser
from ismessenger.files.pictures import MAX_BYTES, PictureRefused
from ismessenger.files.serve import answer
from ismessenger.files.store import StoreUnavailable
from ismessenger.kit.zones import zones
from ismessenger.language import language_choices
from ismessenger.sdk.words import gettext
from ismessenger.web.account.frame import account_page
from ismessenger.web.door import installation_of
from ismessenger.web.edge import Admits, admits, member_of, of_account, overridable, see_other
from ismessenger.web.errors import NotFound, Unavailable
from ismessenger.web.forms import parse

PAGE = "/account/profile"
PICTURE = "/account/picture"


class ProfileForm(BaseModel):
    """What a person says about themselves."""

    name: str = Field("", max_length=300)
    language: str = Field("", max_length=20)
    timezone: str = Field("", max_length=60)


@admits(Admits.ANYBODY)
async def home(_request: Request) -> Response:
    """``GET /account``."""
    return see_other(PAGE)


@of_account
async def show(request: Request, browser: Browser) -> Response:
    """``GET /account/profile``."""
    return await _page(request, browser)


@of_account
async def update(request: Request, browser: Browser) -> Response:
    """``POST /account/profile``."""
    form = await parse(request, ProfileForm)
    language = form.language if form.language in dict(language_choices()) else ""
    try:
        await change_profile(installation_of(request), browser.account.id, name=form.name, language=language, timezone=form.timezone)
    except (MemberRefused, ProfileRefused) as error:
        return await _page(request, browser, form=form, error=str(error))
    return see_other(f"{PAGE}?saved=1")


@of_account
async def put_picture(request: Request, browser: Browser) -> Response:
    """``POST /account/picture``: one picture as ``picture``."""
    try:
        async with request.form(max_files=1) as form:
            file = form.get("picture")
            content = await file.read(MAX_BYTES + 1) if isinstance(file, UploadFile) else b""
        await change_picture(installation_of(request), browser.account.id, content)
    except PictureRefused as error:
        return await _page(request, browser, picture_error=str(error))
    except StoreUnavailable as error:
        raise Unavailable(gettext("The picture cannot be kept right now. Try again in a moment.")) from error
    return see_other(f"{PAGE}?saved=1")


@of_account
async def delete_picture(request: Request, browser: Browser) -> Response:
    """``DELETE /account/picture``: initials again."""
    await remove_picture(installation_of(request), browser.account.id)
    return see_other(f"{PAGE}?saved=1")


@of_account
async def picture(request: Request, browser: Browser) -> Response:
    """``GET /account/picture/NAME``: one's own."""
    key = browser.account.picture
    if not key or key.rpartition("/")[2] != request.path_params["name"]:
        raise NotFound(gettext("There is no such picture."))
    return await answer(request, installation_of(request).files, key, request.path_params["name"])


async def _page(
    request: Request, browser: Browser, *, form: ProfileForm | None = None, error: str = "", picture_error: str = ""
) -> Response:
    account = browser.account
    signed_in = await member_of(request)
    return await account_page(
        request,
        browser,
        "account/profile.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error or picture_error else HTTPStatus.OK,
        form=form or ProfileForm(name=account.name, language=account.language, timezone=account.timezone),
        error=error,
        picture_error=picture_error,
        picture_url=f"{PICTURE}/{account.picture.rpartition('/')[2]}" if account.picture else "",
        languages=language_choices(),
        zones=zones(),
        undo_send=signed_in.member.undo_send if signed_in else None,
        saved="saved" in request.query_params,
    )


routes: list[BaseRoute] = [
    Route("/account", home),
    Route(PAGE, show),
    Route(PAGE, update, methods=["POST"]),
    Route(PICTURE, overridable(post=put_picture, delete=delete_picture), methods=["POST", "DELETE"]),
    Route(PICTURE + "/{name}", picture),
]
