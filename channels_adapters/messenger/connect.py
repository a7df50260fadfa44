"""Connecting a Page: whether the keys belong to it, and whether its events will be sent to the application.

Which address the application sends them to is set at Meta by hand: it holds for all Pages of the application, so it is not ours to change.
Source: Meta, Graph API, "Page", "Page Subscribed Apps", "Secure Requests".
"""

from typing import Final

from channels_adapters.messenger.graph import PERMISSION_CODES, TOKEN_CODES, Graph, Refused, Trouble
from ismessenger.sdk.channel import Connected, ConnectFailed, Endpoint, SendFailed
from ismessenger.sdk.words import gettext

# Only what is subscribed both here and for the application arrives.
FIELDS: Final = (
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_edits",
    "message_reactions",
)

_UNKNOWN_PAGE = frozenset({100, 803})
_NO_PAGE_TOKEN = 210


async def connect(graph: Graph) -> Connected:
    """Read the Page's name and subscribe the application to its events. Raises `ConnectFailed`."""
    try:
        page = await graph.ask("GET", graph.config.page_id, fields="id,name")
        subscribed = await graph.ask("POST", graph.config.page_id, "subscribed_apps", subscribed_fields=",".join(FIELDS))
    except Refused as refused:
        raise ConnectFailed(_mend(refused.trouble, graph.config.page_id)) from refused
    except SendFailed as failure:
        raise ConnectFailed(gettext("Facebook could not be asked; try again later. %(failure)s") % {"failure": failure}) from failure
    if not isinstance(subscribed, dict) or str(subscribed.get("success")).lower() != "true":
        raise ConnectFailed(gettext("Facebook did not subscribe the application to the Page's messages. Try again later."))
    name = page.get("name") if isinstance(page, dict) else None
    return Connected(name=name if isinstance(name, str) else None)


async def disconnect(graph: Graph) -> None:
    """End the subscription. Raises `ConnectFailed`."""
    try:
        await graph.ask("DELETE", graph.config.page_id, "subscribed_apps")
    except Refused as refused:
        raise ConnectFailed(
            gettext(
                "Facebook did not end the subscription: %(refused)s Remove the application in the Page's settings"
                " under Business integrations."
            )
            % {"refused": refused}
        ) from refused
    except SendFailed as failure:
        raise ConnectFailed(gettext("Facebook could not be asked to end the subscription. %(failure)s") % {"failure": failure}) from failure


def callback_urls(endpoint: Endpoint) -> tuple[str, str]:
    """Where the application may send the events: for this channel alone, and for all channels of one application."""
    return endpoint.webhook_url, f"{endpoint.public_url.rstrip('/')}/hooks/meta"


def _mend(trouble: Trouble, page_id: str) -> str:
    if trouble.is_about_proof:
        return "The app secret is not that of the application which made the page access token. Copy it from App settings → Basic."
    if trouble.code in TOKEN_CODES:
        return (
            f"Facebook does not accept the page access token: {trouble.words} Generate a new one in the application's Messenger settings."
        )
    if trouble.code == _NO_PAGE_TOKEN:
        return "This is no token of a Page. Generate one in the application's Messenger settings, next to the Page."
    if trouble.code in _UNKNOWN_PAGE:
        return f"This token may not manage a Page {page_id}. Check the Page ID, and for which Page the token was made. {trouble.words}"
    if trouble.code in PERMISSION_CODES:
        return f"The token lacks a permission; it needs pages_messaging and pages_manage_metadata. {trouble.words}"
    return f"Facebook refused: {trouble.words}"
