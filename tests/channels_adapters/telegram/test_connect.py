import httpx
import pytest

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import Connected, ConnectFailed, Endpoint
from tests.channels_adapters.telegram.conftest import TOKEN
from tests.standins.server import Behaviour
from tests.standins.telegram import TelegramServer


async def test_connecting_registers_the_webhook(
    config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient, telegram: TelegramServer
) -> None:
    connected = await Telegram().connect(config, endpoint, http)
    assert connected == Connected(name="Bloom & Stem", config={"bot_username": "bloomandstem_bot"})
    assert [call.method for call in telegram.calls] == ["getMe", "setWebhook"]
    assert telegram.webhook == {
        "url": endpoint.webhook_url,
        "secret_token": "s3cret_token-of-the-tests",
        "allowed_updates": ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"],
        "drop_pending_updates": False,
    }


async def test_a_wrong_token_says_where_to_look(
    config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient, telegram: TelegramServer
) -> None:
    telegram.token = "another"
    with pytest.raises(ConnectFailed, match="Copy it again from @BotFather") as raised:
        await Telegram().connect(config, endpoint, http)
    assert TOKEN not in str(raised.value)
    assert telegram.webhook is None


async def test_a_refused_address_says_why(config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    inside = Endpoint("http://inbox.local/hooks/telegram/r7", "http://inbox.local", channel_id="7", route="r7")
    with pytest.raises(ConnectFailed, match=r"refused the address http://inbox\.local.*An HTTPS URL must be provided"):
        await Telegram().connect(config, inside, http)


@pytest.mark.parametrize("trouble", [Behaviour("fail", status=502), Behaviour("throttle", status=429, retry_after=3), Behaviour("drop")])
async def test_trouble_on_the_way_says_to_try_again(
    config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient, telegram: TelegramServer, trouble: Behaviour
) -> None:
    telegram.behave(trouble)
    with pytest.raises(ConnectFailed, match="try again later"):
        await Telegram().connect(config, endpoint, http)


async def test_disconnecting_removes_the_webhook(
    config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient, telegram: TelegramServer
) -> None:
    await Telegram().connect(config, endpoint, http)
    await Telegram().disconnect(config, endpoint, http)
    assert telegram.webhook is None
    assert telegram.calls[-1].params == {"drop_pending_updates": False}


async def test_disconnecting_a_bot_that_is_gone_is_done(
    config: TelegramConfig, endpoint: Endpoint, http: httpx.AsyncClient, telegram: TelegramServer
) -> None:
    telegram.token = "another"
    await Telegram().disconnect(config, endpoint, http)
    telegram.fail(502)
    with pytest.raises(ConnectFailed):
        await Telegram().disconnect(config, endpoint, http)


def test_a_secret_token_is_made_of_what_telegram_takes() -> None:
    made = {TelegramConfig(bot_token=TOKEN).secret_token.get_secret_value() for _ in range(50)}
    assert len(made) == 50
    assert all(len(token) >= 32 and token.replace("-", "").replace("_", "").isalnum() and token.isascii() for token in made)
    with pytest.raises(ValueError, match="0-9"):
        TelegramConfig.model_validate({"bot_token": TOKEN, "secret_token": "with space"})


def test_what_people_type_is_tidied() -> None:
    config = TelegramConfig.model_validate({"bot_token": f"  {TOKEN}\n", "bot_username": "@bloomandstem_bot"})
    assert config.bot_token.get_secret_value() == TOKEN
    assert config.bot_username == "bloomandstem_bot"


def test_the_secret_is_shown_after_connecting(config: TelegramConfig, endpoint: Endpoint) -> None:
    assert Telegram().setup_values(config, endpoint) == {"secret_token": "s3cret_token-of-the-tests"}
