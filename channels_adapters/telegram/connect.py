"""Connecting a bot: whether its token is right, and whether Telegram will send its updates here.

Source: Telegram, "Telegram Bot API": getMe, setWebhook, deleteWebhook.
"""

import httpx

from channels_adapters.telegram.api import Call, invoke
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import Connected, ConnectFailed, CredentialsInvalid, Endpoint, Rejected, SendFailed
from ismessenger.sdk.words import gettext

# Reactions are sent only to those who ask for them by name.
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"]


async def connect(config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient) -> Connected:
    """Ask who the bot is and register the webhook. What customers wrote before is kept and comes in. Raises `ConnectFailed`."""
    try:
        me = await invoke(http, config.bot_token, Call("getMe", {}))
        await invoke(http, config.bot_token, _set_webhook(config, endpoint))
    except CredentialsInvalid as failure:
        raise ConnectFailed(gettext("Telegram does not know this bot token. Copy it again from @BotFather.")) from failure
    except Rejected as failure:
        raise ConnectFailed(
            gettext(
                "Telegram refused the address %(address)s: %(failure)s. It must be reachable from the internet by https"
                " on port 443, 80, 88 or 8443."
            )
            % {"address": endpoint.webhook_url, "failure": failure}
        ) from failure
    except SendFailed as failure:
        raise ConnectFailed(gettext("Telegram could not be asked; try again later. %(failure)s") % {"failure": failure}) from failure
    bot = me if isinstance(me, dict) else {}
    username = bot.get("username")
    name = bot.get("first_name") or username
    return Connected(name=name if isinstance(name, str) else None, config={"bot_username": username} if isinstance(username, str) else {})


async def disconnect(config: TelegramConfig, http: httpx.AsyncClient) -> None:
    """Take the webhook away. A token that was revoked has none any more. Raises `ConnectFailed`."""
    try:
        await invoke(http, config.bot_token, Call("deleteWebhook", {"drop_pending_updates": False}))
    except CredentialsInvalid:
        return
    except SendFailed as failure:
        raise ConnectFailed(gettext("Telegram did not remove the webhook. %(failure)s") % {"failure": failure}) from failure


def _set_webhook(config: TelegramConfig, endpoint: Endpoint) -> Call:
    return Call(
        "setWebhook",
        {
            "url": endpoint.webhook_url,
            "secret_token": config.secret_token.get_secret_value(),
            "allowed_updates": ALLOWED_UPDATES,
            "drop_pending_updates": False,
        },
    )
