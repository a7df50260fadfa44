"""Google Sheets against a server that speaks its protocol: signing in, columns, rows, refusals."""

import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from integrations.google_sheets import sign_in
from integrations.google_sheets.config import NO_KEY, GoogleSheetsConfig
from integrations.google_sheets.integration import GoogleSheets
from integrations.google_sheets.sheet import spreadsheet_id
from integrations.google_sheets.step import AddRow
from ismessenger.sdk.channel import CredentialsInvalid, Rejected, Throttled, Unavailable
from ismessenger.sdk.integration import Asked
from ismessenger.sdk.step import Result
from tests.standins.google_sheets import SPREADSHEET, GoogleSheetsServer

ROW = {"spreadsheet": SPREADSHEET, "sheet": "Sheet1", "values": {"words": "=1+1", "Name": "Ada", "rating": "5", "Phone": "0301234"}}


@pytest.fixture
async def google() -> AsyncIterator[GoogleSheetsServer]:
    async with GoogleSheetsServer() as server:
        yield server


@pytest.fixture
async def http(google: GoogleSheetsServer) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=google.url, timeout=60) as client:
        yield client


def _config(google: GoogleSheetsServer) -> GoogleSheetsConfig:
    return GoogleSheetsConfig(service_account=SecretStr(google.key_file))


async def _append(google: GoogleSheetsServer, http: httpx.AsyncClient, **other: object) -> dict[str, object]:
    return dict(await GoogleSheets().call(Asked("append", {**ROW, **other}, "1/2"), _config(google), http))


@pytest.mark.behaviour(335)
async def test_a_row_goes_into_the_columns_of_these_names_and_never_becomes_a_formula(
    google: GoogleSheetsServer, http: httpx.AsyncClient
) -> None:
    assert await _append(google, http) == {"range": "Sheet1!A2:D2"}
    assert google.sheets[SPREADSHEET]["Sheet1"][1] == ["Ada", "0301234", 5, "=1+1"]
    sent = google.requests[-1]
    assert sent.query["valueInputOption"] == "RAW"
    assert sent.query["insertDataOption"] == "INSERT_ROWS"


async def test_one_token_serves_many_rows(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    await _append(google, http)
    await _append(google, http, sheet="Sheet1")
    assert [request.path for request in google.requests].count("/token") == 1


async def test_a_token_that_is_refused_is_replaced(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    await _append(google, http)
    google.tokens.clear()
    await _append(google, http)
    assert len(google.sheets[SPREADSHEET]["Sheet1"]) == 3


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"sheet": "Sheet9"}, "Unable to parse range"),
        ({"spreadsheet": "0000000000000000"}, "no such spreadsheet"),
        ({"spreadsheet": "hello"}, "neither the link nor the ID"),
        ({"values": {"Shoe size": "7"}}, "no column called “Shoe size”"),
    ],
)
async def test_what_cannot_be_written_is_said(
    google: GoogleSheetsServer, http: httpx.AsyncClient, other: dict[str, object], words: str
) -> None:
    with pytest.raises(Rejected, match=words):
        await _append(google, http, **other)
    assert len(google.sheets[SPREADSHEET]["Sheet1"]) == 1


async def test_a_spreadsheet_that_is_not_shared_is_said_with_the_address_to_share_it_with(
    google: GoogleSheetsServer, http: httpx.AsyncClient
) -> None:
    google.shared.clear()
    with pytest.raises(Rejected, match=r"not shared with rows@lumen-lamps\.iam\.gserviceaccount\.com"):
        await _append(google, http)


async def test_google_asks_to_slow_down(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    google.throttle(retry_after=7, path=":append")
    with pytest.raises(Throttled) as slow:
        await _append(google, http)
    assert slow.value.retry_after is not None
    assert slow.value.retry_after.seconds == 7


async def test_google_is_away(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    google.fail(503, path="/v4/")
    with pytest.raises(Unavailable):
        await _append(google, http)


async def test_a_key_that_was_taken_back_is_found_by_the_check(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    integration, config = GoogleSheets(), _config(google)
    await integration.check(config, http)
    google.refuses_keys = True
    with pytest.raises(CredentialsInvalid, match="account not found"):
        await integration.check(config, http)


async def test_sheets_and_columns_can_be_chosen(google: GoogleSheetsServer, http: httpx.AsyncClient) -> None:
    integration, config = GoogleSheets(), _config(google)
    link = f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit#gid=0"
    assert await integration.choices("sheets", {"spreadsheet": link}, config, http) == [("Sheet1", "Sheet1"), ("Bo's", "Bo's")]
    columns = await integration.choices("columns", {"spreadsheet": link, "sheet": "Sheet1"}, config, http)
    assert [name for name, _same in columns] == ["Name", "Phone", "Rating", "Words"]
    assert await integration.choices("columns", {"spreadsheet": link, "sheet": "Bo's"}, config, http) == []


@pytest.mark.parametrize("given", ["", "nonsense", "[]", "{}", '{"type": "authorized_user"}', "[" * 5000, "x" * 20_000])
def test_what_is_no_key_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(ValidationError) as refused:
        GoogleSheetsConfig(service_account=SecretStr(given))
    assert NO_KEY in str(refused.value)


def test_a_key_file_with_a_broken_key_is_refused(google_key: str) -> None:
    broken = json.dumps({**json.loads(google_key), "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"})
    with pytest.raises(ValidationError):
        GoogleSheetsConfig(service_account=SecretStr(broken))


def test_a_key_of_a_kind_that_nobody_knows_is_refused(google_key: str) -> None:
    account = json.loads(google_key)
    lines = account["private_key"].strip().splitlines()
    coded = base64.b64decode("".join(lines[1:-1])).replace(bytes.fromhex("2a864886f70d010101"), bytes.fromhex("2a864886f70d010163"))
    account["private_key"] = "\n".join([lines[0], base64.b64encode(coded).decode(), lines[-1], ""])
    with pytest.raises(ValidationError, match="not the key of a service account"):
        GoogleSheetsConfig(service_account=SecretStr(json.dumps(account)))


@pytest.fixture
def google_key() -> str:
    return GoogleSheetsServer().key_file


def test_nothing_of_the_key_shows_in_the_account(google_key: str) -> None:
    config = GoogleSheetsConfig(service_account=SecretStr(google_key))
    shown = repr(config) + repr(sign_in.__dict__.get("_known"))
    assert "PRIVATE KEY" not in shown


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        (SPREADSHEET, SPREADSHEET),
        (f" {SPREADSHEET} ", SPREADSHEET),
        (f"https://docs.google.com/spreadsheets/d/{SPREADSHEET}/edit?usp=sharing", SPREADSHEET),
        (f"https://docs.google.com/spreadsheets/u/1/d/{SPREADSHEET}", SPREADSHEET),
        ("https://docs.google.com/document/d/123", None),
        ("../../secrets", None),
        ("", None),
    ],
)
def test_a_spreadsheet_is_found_by_link_or_id(written: str, id_: str | None) -> None:
    assert spreadsheet_id(written) == id_


def test_the_step_says_what_is_missing() -> None:
    step = AddRow()
    words = [fault.words for fault in step.faults(step.Params())]
    assert words == ["Choose the Google account.", "Paste the link of the spreadsheet.", "Choose at least one column."]
    twice = step.Params.model_validate({"values": [{"column": "A", "value": "1"}, {"column": "a"}, {}]})
    assert [fault.field for fault in step.faults(twice)][2:] == ["values.1.column", "values.2.column"]


def test_a_row_that_could_not_be_added_goes_the_way_of_failure_only_where_there_is_one() -> None:
    step = AddRow()
    failed = Result(ok=False, reason="no")
    assert step.resume(step.Params(failure_branch=True), None, failed).exit == "failure"  # type: ignore[arg-type, union-attr]
    assert step.resume(step.Params(), None, failed).exit == "next"  # type: ignore[arg-type, union-attr]
