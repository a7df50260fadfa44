"""The page behind the link of an invitation: a new person sets a name and a password, an account that exists signs in and accepts."""

from http import HTTPStatus
from typing import Final, Literal

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ismessenger.accounts.accept import AcceptanceRefused, Offer, accept, masked, offer_behind
from ismessenger.accounts.join import MemberRefused
from ismessenger.accounts.sign_in import Browser, SignInRefused, check_credentials, sign_out
from ismessenger.accounts.sign_up import create_account
from ismessenger.accounts.visit import visit_workspace
from ismessenger.sdk.words import gettext
from ismessenger.tenancy.catalog import Account
from ismessenger.web.door import installation_of, let_in, slow_down
from ismessenger.web.edge import SESSION_COOKIE, WORKSPACES_PAGE, Admits, admits, browser_at, see_other
from ismessenger.web.errors import Refused
from ismessenger.web.forms import parse
from ismessenger.web.templating import render

MAX_PASSWORD = 1000
INBOX: Final = "/inbox"

Step = Literal["newcomer", "sign_in", "accept", "other", "over"]


class NewcomerForm(BaseModel):
    """Who has no account yet."""

    name: str = ""
    password: str = Field("", max_length=MAX_PASSWORD)


@admits(Admits.PROOF)
async def show(request: Request) -> Response:
    """``GET /invitations/TOKEN``: what is offered, and what is still needed to accept it."""
    offer = await offer_behind(installation_of(request), request.path_params["token"])
    return _page(request, offer, await browser_at(request))


@admits(Admits.PROOF)
async def take(request: Request) -> Response:
    """``POST /invitations/TOKEN``: accept it. A double click accepts once."""
    token: str = request.path_params["token"]
    await slow_down(request, "invitation", token)
    offer, browser = await offer_behind(installation_of(request), token), await browser_at(request)
    if offer is None or offer.state not in {"open", "accepted"}:
        return _page(request, offer, browser)
    if browser is None:
        return await _newcomer(request, token, offer)
    if browser.account.email != offer.invitation.email:
        return _page(request, offer, browser)
    try:
        workspace_id = await accept(installation_of(request), token, browser.account)
    except AcceptanceRefused:
        return _page(request, await offer_behind(installation_of(request), token), browser)
    if workspace_id is None:
        return see_other(WORKSPACES_PAGE)
    await visit_workspace(installation_of(request), browser, workspace_id)
    return see_other(INBOX)


@admits(Admits.PROOF)
async def leave(request: Request) -> Response:
    """``POST /invitations/TOKEN/departure``: sign out, and look at the invitation as whom it was sent to."""
    if session := request.cookies.get(SESSION_COOKIE):
        await sign_out(installation_of(request), session)
    response = see_other(f"/invitations/{request.path_params['token']}")
    response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")
    return response


async def _newcomer(request: Request, token: str, offer: Offer) -> Response:
    form = NewcomerForm()
    installation = installation_of(request)
    try:
        form = await parse(request, NewcomerForm)
        account = await _account(request, offer, form)
        workspace_id = await accept(installation, token, account)
    except (MemberRefused, Refused) as error:
        words = error.detail if isinstance(error, Refused) else str(error)
        return _page(request, await offer_behind(installation, token), None, form=form, error=words)
    except AcceptanceRefused:
        return _page(request, await offer_behind(installation, token), None)
    return await let_in(request, account, INBOX if workspace_id else WORKSPACES_PAGE, workspace_id=workspace_id)


async def _account(request: Request, offer: Offer, form: NewcomerForm) -> Account:
    """A new account, or the one that the other half of a double click has just made. Raises `MemberRefused`, `TooMany`."""
    installation, email = installation_of(request), offer.invitation.email
    if not offer.has_account:
        try:
            return await create_account(installation, email=email, name=form.name, password=form.password, verified=True)
        except MemberRefused:
            again = await offer_behind(installation, request.path_params["token"])
            if again is None or not again.has_account:
                raise
    await slow_down(request, "sign-in", email)
    try:
        account = await check_credentials(installation, email=email, password=form.password)
    except SignInRefused as error:
        raise MemberRefused(gettext("There is an account with this e-mail address already: sign in with it.")) from error
    if account.totp_enabled_at is not None:
        raise MemberRefused(gettext("There is an account with this e-mail address already: sign in with it."))
    return account


def _page(request: Request, offer: Offer | None, browser: Browser | None, *, form: NewcomerForm | None = None, error: str = "") -> Response:
    step = _step(offer, browser)
    status = {"over": HTTPStatus.GONE, "other": HTTPStatus.FORBIDDEN}.get(step, HTTPStatus.OK)
    return render(
        request,
        "invitations/show.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error and status == HTTPStatus.OK else status,
        token=request.path_params["token"],
        step=step,
        words=_words(offer, browser) if step == "over" else "",
        into=offer.into if offer else "",
        inviter=offer.invitation.invited_by if offer else "",
        email=offer.invitation.email if offer and step != "other" else "",
        masked=masked(offer.invitation.email) if offer else "",
        signed_in_as=browser.account.email if browser else "",
        name=form.name if form else "",
        error=error,
    )


def _step(offer: Offer | None, browser: Browser | None) -> Step:
    if offer is None or offer.state != "open":
        return "over"
    if browser is not None:
        return "accept" if browser.account.email == offer.invitation.email else "other"
    return "sign_in" if offer.has_account else "newcomer"


def _words(offer: Offer | None, browser: Browser | None) -> str:
    """Why it leads nowhere, and what to do."""
    if offer is None:
        return gettext("This link does not work. If you got a newer letter, open the link in that one; else ask for a new invitation.")
    if offer.state == "accepted" and browser is not None and browser.account.email == offer.invitation.email:
        return gettext("You have accepted this invitation already.")
    return {
        "accepted": gettext("This invitation was accepted already. If that was you, sign in."),
        "cancelled": gettext("This invitation was cancelled. Ask whoever invited you for a new one."),
        "expired": gettext("This invitation has expired. Ask whoever invited you to send it again."),
        "deleted": gettext("The workspace that you were invited to does not exist any more."),
    }[offer.state]


routes: list[BaseRoute] = [
    Route("/invitations/{token}", show),
    Route("/invitations/{token}", take, methods=["POST"]),
    Route("/invitations/{token}/departure", leave, methods=["POST"]),
]
