import httpx
import pytest

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig
from ismessenger.sdk.channel import ContactGone, CredentialsInvalid, MediaSource, Profile, Rejected, SendFailed, Throttled, Unavailable
from ismessenger.sdk.content import Media
from tests.channels_adapters.messenger.conftest import PAGE, PERSON
from tests.standins.graph import GraphServer

ANN = {"first_name": "Ann", "last_name": "Lee", "profile_pic": "https://scontent.xx.fbcdn.net/ann.jpg", "locale": "en_GB", "gender": "x"}


async def profile(config: MessengerConfig, http: httpx.AsyncClient, identifier: str = PERSON) -> Profile:
    return await Messenger().profile(identifier, config, http)


async def test_a_profile(config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer) -> None:
    graph.people[PERSON] = ANN
    known = await profile(config, http)
    assert known == Profile("Ann", "Lee", language="en", country_code="GB", picture_url=ANN["profile_pic"])
    (request,) = graph.requests
    assert (request.method, request.path) == ("GET", f"/v25.0/{PERSON}")
    assert request.query["fields"] == "first_name,last_name,profile_pic,locale"


async def test_without_leave_to_know_the_language_the_names_come_alone(
    config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer
) -> None:
    graph.people[PERSON] = ANN
    graph.locale_is_allowed = False
    assert await profile(config, http) == Profile("Ann", "Lee", picture_url=ANN["profile_pic"])


@pytest.mark.parametrize(
    ("locale", "language", "country"), [("es_LA", "es", None), ("ar_AR", "ar", None), ("de_AT", "de", "AT"), ("en", "en", None)]
)
async def test_a_locale_that_is_no_country(
    config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer, locale: str, language: str, country: str | None
) -> None:
    graph.people[PERSON] = {"locale": locale}
    assert await profile(config, http) == Profile(language=language, country_code=country)


async def test_a_person_without_a_profile(config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer) -> None:
    graph.people[PERSON] = {}
    assert await profile(config, http) == Profile()
    graph.gone.add(PERSON)
    assert await profile(config, http) == Profile()


async def test_a_look_up_that_may_work_later_is_no_empty_profile(
    config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer
) -> None:
    throttled = {"error": {"message": "(#4) Application request limit reached", "code": 4}}
    for status, body, failure in (
        (400, throttled, Throttled),
        (503, None, Unavailable),
        (401, {"error": {"code": 190}}, CredentialsInvalid),
    ):
        graph.fail(status, body=body)
        with pytest.raises(failure):
            await profile(config, http)


async def test_an_identifier_cannot_lead_elsewhere(config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer) -> None:
    await profile(config, http, f"../v25.0/{PAGE}?x=")
    assert all(request.path.count("/") > 2 and "x" not in request.query for request in graph.requests)


async def test_typing_and_seen(config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer) -> None:
    await Messenger().typing(PERSON, config, http)
    await Messenger().mark_read(PERSON, "m_1", config, http)
    assert graph.actions == [{"recipient": {"id": PERSON}, "sender_action": action} for action in ("typing_on", "mark_seen")]
    assert {request.path for request in graph.requests} == {f"/v25.0/{PAGE}/messages"}
    assert graph.sent == []


async def test_typing_to_somebody_who_left(config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer) -> None:
    graph.gone.add(PERSON)
    with pytest.raises(ContactGone):
        await Messenger().typing(PERSON, config, http)


async def test_a_file_is_where_its_link_says_and_no_key_goes_along(
    config: MessengerConfig, http: httpx.AsyncClient, graph: GraphServer
) -> None:
    link = "https://scontent.xx.fbcdn.net/a.jpg?oh=1"
    assert await Messenger().locate(Media(kind="image", url=link), config, http) == MediaSource(link)
    assert graph.requests == []
    with pytest.raises(SendFailed) as missing:
        await Messenger().locate(Media(kind="image"), config, http)
    assert type(missing.value) is Rejected
