"""The letters of a machine without a mail server, for whoever sits at it."""

from ipaddress import ip_address

from sqlmodel import col, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ismessenger.tenancy.catalog import Letter
from ismessenger.web.door import address_of, installation_of, is_passed_on
from ismessenger.web.edge import Admits, admits
from ismessenger.web.errors import NotFound
from ismessenger.web.templating import render

SHOWN = 50


@admits(Admits.ANYBODY)
async def index(request: Request) -> Response:
    """``GET /mailbox``: the newest letters; to everybody but a developer at this machine there is no such page."""
    if not mailbox_is_open(request):
        raise NotFound
    async with installation_of(request).tenancy.catalog() as catalog:
        newest = select(Letter).order_by(col(Letter.id).desc()).limit(SHOWN)
        letters = list((await catalog.execute(newest)).scalars())
    return render(request, "mailbox/index.html", letters=letters)


def mailbox_is_open(request: Request) -> bool:
    """Whether letters are kept here, no public address is set, and browser and address bar are this very machine's.

    The name in the address bar counts too: a page elsewhere may give its own name this machine's address.
    """
    settings = installation_of(request).settings
    if settings.smtp_url is not None or settings.public_url or is_passed_on(request):
        return False
    host = request.url.hostname or ""
    return _is_loopback(address_of(request)) and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


routes = [Route("/mailbox", index)]
