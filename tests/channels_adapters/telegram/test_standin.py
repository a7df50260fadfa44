import httpx
import pytest

from tests.channels_adapters.telegram.conftest import TOKEN
from tests.standins.telegram import TelegramServer


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"chat_id": 5}, "message text is empty"),
        ({"chat_id": 5, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": 5, "text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        ({"chat_id": 5, "text": "<u>x</u>", "parse_mode": "HTML"}, "can't parse entities"),
        ({"chat_id": "nobody", "text": "x"}, "chat not found"),
        ({"text": "x"}, "chat_id is empty"),
        (
            {"chat_id": 5, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "ж" * 33}]]}},
            "BUTTON_DATA_INVALID",
        ),
    ],
)
async def test_it_refuses_what_telegram_refuses(http: httpx.AsyncClient, params: dict[str, object], words: str) -> None:
    answer = await http.post(f"/bot{TOKEN}/sendMessage", json=params)
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert words in answer.json()["description"]


async def test_a_length_is_that_of_the_words(http: httpx.AsyncClient) -> None:
    text = "<b>" + "&amp;" * 4096 + "</b>"
    answer = await http.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 5, "text": text, "parse_mode": "HTML"})
    assert answer.json()["result"]["text"] == "&" * 4096


@pytest.mark.parametrize(("path", "status"), [(f"/bot{TOKEN}/getNothing", 404), ("/botwrong/getMe", 401), ("/", 404)])
async def test_unknown_addresses(http: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await http.post(path)).status_code == status


async def test_an_update_without_a_webhook_is_refused(http: httpx.AsyncClient) -> None:
    assert (await http.post("/deliver", json={"update_id": 1, "message": {}})).status_code == 409


async def test_it_can_throttle_in_telegrams_form(http: httpx.AsyncClient, telegram: TelegramServer) -> None:
    telegram.throttle(9, count=1)
    answer = await http.post(f"/bot{TOKEN}/getMe")
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 9",
        "parameters": {"retry_after": 9},
    }
    assert (await http.post(f"/bot{TOKEN}/getMe")).status_code == 200
