"""The frame of personal pages: the settings area, also for whoever has no workspace open or may not enter it yet."""

from starlette.requests import Request
from starlette.responses import Response

from ismessenger.accounts.sign_in import Browser
from ismessenger.web.shell import shell_at
from ismessenger.web.templating import render


async def account_page(request: Request, browser: Browser, template: str, *, status: int = 200, **arguments: object) -> Response:
    """A page of the person; ``account`` is whose."""
    shell = None if browser.lacks_totp else await shell_at(request)
    return render(request, template, status=status, shell=shell, account=browser.account, **arguments)
