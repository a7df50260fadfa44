from typing import Any

import pytest
from pydantic import ValidationError

from channels_adapters.messenger.adapter import Messenger
from channels_adapters.messenger.config import MessengerConfig

GIVEN = {"page_id": "104627381950642", "page_access_token": "EAAtoken", "app_secret": "s3cret"}


def config(**values: Any) -> MessengerConfig:
    return MessengerConfig.model_validate({**GIVEN, **values})


def test_a_verify_token_is_made_unless_one_is_given() -> None:
    made = {config(**given).verify_token.get_secret_value() for given in ({}, {"verify_token": ""}, {"verify_token": None})}
    assert len(made) == 3
    assert all(len(token) >= 32 for token in made)
    assert config(verify_token=" mine ").verify_token.get_secret_value() == "mine"


def test_pasted_space_is_taken_off() -> None:
    pasted = config(page_id=" 104 ", page_access_token=" EAA\n", app_secret="\ts ")
    assert (pasted.page_id, pasted.page_access_token.get_secret_value(), pasted.app_secret.get_secret_value()) == ("104", "EAA", "s")


@pytest.mark.parametrize(
    "wrong",
    [
        {"page_id": "my.page"},
        {"page_id": ""},
        {"page_id": "1" * 65},
        {"page_id": "１０４"},
        {"page_access_token": ""},
        {"page_access_token": "two words"},
        {"app_secret": "s\r\nX: y"},
    ],
)
def test_what_cannot_be_right_is_refused_without_repeating_it(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        config(**wrong)
    assert "s\r\nX" not in str(refused.value)
    assert "two words" not in str(refused.value)


def test_a_stored_configuration_is_read_back_as_it_was() -> None:
    known = config(verify_token="mine")
    stored = {name: getattr(value, "get_secret_value", lambda value=value: value)() for name, value in known}
    assert MessengerConfig.model_validate(stored) == known


def test_the_page_is_the_account() -> None:
    assert Messenger().account(config()) == GIVEN["page_id"]


def test_the_form_hides_secrets_and_knows_what_is_made() -> None:
    properties = MessengerConfig.model_json_schema()["properties"]
    assert {name for name, field in properties.items() if field.get("format") == "password"} == set(GIVEN) - {"page_id"} | {"verify_token"}
    assert [name for name, field in properties.items() if field.get("generated")] == ["verify_token"]
