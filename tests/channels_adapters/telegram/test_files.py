import httpx
import pytest

from channels_adapters.telegram.adapter import Telegram
from channels_adapters.telegram.config import TelegramConfig
from ismessenger.sdk.channel import CredentialsInvalid, Rejected, Sent, Unavailable
from ismessenger.sdk.content import Media
from tests.channels_adapters.telegram.conftest import CHAT, TOKEN, Sender
from tests.standins.server import Answer, Recorded, StandIn
from tests.standins.telegram import TelegramServer


class OurFiles(StandIn):
    """The signed links of this installation."""

    content = bytes(range(256)) + b"\r\n--boundary\r\n"

    async def respond(self, request: Recorded) -> Answer:
        return Answer(self.content, headers={"Content-Type": "text/csv"})


@pytest.mark.parametrize(
    ("media", "method", "field"),
    [
        (Media(kind="image", mime="image/jpeg"), "sendPhoto", "photo"),
        (Media(kind="image", mime="IMAGE/PNG; q=1"), "sendPhoto", "photo"),
        (Media(kind="image"), "sendPhoto", "photo"),
        (Media(kind="image", mime="image/gif"), "sendAnimation", "animation"),
        (Media(kind="video", mime="video/mp4"), "sendVideo", "video"),
        (Media(kind="audio", mime="audio/mpeg"), "sendAudio", "audio"),
        (Media(kind="audio", mime="audio/ogg"), "sendVoice", "voice"),
        (Media(kind="audio", subtype="voice"), "sendVoice", "voice"),
        (Media(kind="file", mime="application/pdf"), "sendDocument", "document"),
        (Media(kind="file", mime="application/zip"), "sendDocument", "document"),
    ],
)
async def test_a_file_goes_by_link(send: Sender, telegram: TelegramServer, media: Media, method: str, field: str) -> None:
    link = "https://inbox.example/files/8f3a?signature=x"
    assert await send(media.model_copy(update={"url": link, "caption": "**Here**"})) == Sent(f"{CHAT}:1001")
    assert telegram.requests[0].path.endswith(f"/{method}")
    assert telegram.requests[0].json() == {field: link, "caption": "<b>Here</b>", "parse_mode": "HTML", "chat_id": int(CHAT)}


async def test_without_a_caption_none_is_sent(send: Sender, telegram: TelegramServer) -> None:
    await send(Media(kind="image", url="https://a.example/a.png"))
    assert telegram.sent[0].params == {"photo": "https://a.example/a.png", "chat_id": int(CHAT)}


async def test_the_type_follows_from_the_name_where_nobody_says(send: Sender, telegram: TelegramServer) -> None:
    await send(Media(kind="file", url="https://a.example/f/offer.pdf?x=1"))
    assert telegram.sent[0].params["document"] == "https://a.example/f/offer.pdf?x=1"


@pytest.mark.parametrize(
    ("media", "method", "field"),
    [
        (Media(kind="file", url="/x", mime="text/csv", file_name="Preise März.csv"), "sendDocument", "document"),
        (Media(kind="file", url="/x", mime="application/vnd.ms-excel"), "sendDocument", "document"),
        (Media(kind="image", url="/x", mime="image/svg+xml"), "sendDocument", "document"),
        (Media(kind="video", url="/x", mime="video/quicktime"), "sendDocument", "document"),
        (Media(kind="audio", url="/x", mime="audio/wav"), "sendDocument", "document"),
        (Media(kind="image", url="/x", mime="image/jpeg", size=6_000_000), "sendPhoto", "photo"),
        (Media(kind="image", url="/x", mime="image/jpeg", size=11_000_000), "sendDocument", "document"),
    ],
)
async def test_what_telegram_would_not_fetch_is_uploaded(
    send: Sender, telegram: TelegramServer, media: Media, method: str, field: str
) -> None:
    async with OurFiles() as ours:
        named = media.model_copy(update={"url": f"{ours.url}/files/8f3a", "caption": "the list"})
        await send(named, reply_to=f"{CHAT}:77")
    call = telegram.sent[0]
    assert call.method == method
    assert call.files == {field: (media.file_name or "8f3a", OurFiles.content)}
    assert call.params["caption"] == "the list"
    assert call.params["reply_parameters"] == '{"message_id": 77, "allow_sending_without_reply": true}'
    assert field not in call.params


@pytest.mark.parametrize(("status", "failure"), [(404, Rejected), (500, Unavailable)])
async def test_a_file_that_cannot_be_read_is_certainly_not_sent(
    send: Sender, telegram: TelegramServer, status: int, failure: type[Exception]
) -> None:
    async with OurFiles() as ours:
        ours.fail(status)
        with pytest.raises(failure):
            await send(Media(kind="file", url=f"{ours.url}/x", mime="text/csv"))
    assert telegram.requests == []


async def test_a_file_that_stops_halfway_is_tried_again_later(send: Sender, telegram: TelegramServer) -> None:
    async with OurFiles() as ours:
        ours.drop()
        with pytest.raises(Unavailable):
            await send(Media(kind="file", url=f"{ours.url}/x", mime="text/csv"))
    assert telegram.requests == []


async def test_a_file_over_the_limit_is_refused(send: Sender, telegram: TelegramServer) -> None:
    async with OurFiles() as ours:
        ours.content = bytes(20_000_001)
        with pytest.raises(Rejected, match="larger than 20 MB"):
            await send(Media(kind="file", url=f"{ours.url}/x", mime="text/csv"))
    assert telegram.requests == []


async def test_a_link_that_we_cannot_reach_is_left_to_telegram(send: Sender, telegram: TelegramServer) -> None:
    async with OurFiles() as ours:
        gone = ours.url
    await send(Media(kind="file", url=f"{gone}/x", mime="text/csv"))
    assert telegram.sent[0].params["document"] == f"{gone}/x"


async def test_telegram_fetches_what_is_sent_by_link(config: TelegramConfig) -> None:
    async with (
        OurFiles() as ours,
        TelegramServer(token=TOKEN, fetches_links=True) as telegram,
        httpx.AsyncClient(base_url=telegram.url, trust_env=False) as http,
    ):
        send = Sender(config, http)
        await send(Media(kind="image", url=f"{ours.url}/a.png", mime="image/png"))
        assert telegram.fetched == {f"{ours.url}/a.png": OurFiles.content}
        with pytest.raises(Rejected, match="failed to get HTTP URL content"):  # the link serves text/csv, which is no PDF
            await send(Media(kind="file", url=f"{ours.url}/a.pdf", mime="application/pdf"))


async def test_a_file_of_telegram_is_sent_by_its_id(send: Sender, telegram: TelegramServer) -> None:
    await send(Media(kind="file", provider_id="BQACAgIAAxk", mime="text/csv"))
    assert telegram.sent[0].params["document"] == "BQACAgIAAxk"


async def test_a_file_without_an_address_is_refused(send: Sender) -> None:
    with pytest.raises(Rejected, match="no address"):
        await send(Media(kind="file"))


# --- Received files ---


async def test_a_received_file_can_be_fetched(config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    telegram.stored["AwAC"] = ("voice/file 12.oga", b"OggS")
    source = await Telegram().locate(Media(kind="audio", provider_id="AwAC"), config, http)
    assert source.url == f"{telegram.url}/file/bot{TOKEN}/voice/file%2012.oga"
    assert source.headers == {}
    assert (await http.get(source.url)).content == b"OggS"


async def test_the_base_url_may_have_a_path(config: TelegramConfig, telegram: TelegramServer) -> None:
    telegram.stored["AwAC"] = ("voice/a.oga", b"OggS")
    async with httpx.AsyncClient(transport=_Stripped(), base_url=f"{telegram.url}/proxy/", trust_env=False) as http:
        source = await Telegram().locate(Media(kind="audio", provider_id="AwAC"), config, http)
    assert source.url == f"{telegram.url}/proxy/file/bot{TOKEN}/voice/a.oga"


class _Stripped(httpx.AsyncHTTPTransport):
    """A reverse proxy that takes the prefix away."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(path=request.url.path.removeprefix("/proxy"))
        return await super().handle_async_request(request)


async def test_a_file_over_20_mb_says_so(config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    telegram.too_big.add("big")
    with pytest.raises(Rejected, match="larger than 20 MB"):
        await Telegram().locate(Media(kind="video", provider_id="big"), config, http)
    assert len(telegram.requests) == 1
    with pytest.raises(Rejected, match="larger than 20 MB"):
        await Telegram().locate(Media(kind="video", provider_id="big", size=21 * 1024 * 1024), config, http)
    assert len(telegram.requests) == 1


async def test_an_unknown_file_says_what_telegram_says(config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    with pytest.raises(Rejected, match="invalid file_id"):
        await Telegram().locate(Media(kind="video", provider_id="?"), config, http)


async def test_a_file_that_is_away_for_a_while_is_tried_again(
    config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer
) -> None:
    words = "Bad Request: wrong file_id or the file is temporarily unavailable"
    telegram.fail(400, body={"ok": False, "error_code": 400, "description": words})
    with pytest.raises(Unavailable, match="temporarily"):
        await Telegram().locate(Media(kind="video", provider_id="x"), config, http)


async def test_a_revoked_token_is_told(config: TelegramConfig, http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    telegram.token = "another"
    with pytest.raises(CredentialsInvalid):
        await Telegram().locate(Media(kind="video", provider_id="x"), config, http)
