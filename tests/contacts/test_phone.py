"""Telephone numbers: one spelling to store, every spelling to find."""

import pytest

from ismessenger.contacts.phone import e164, variants


@pytest.mark.parametrize(
    ("typed", "region", "stored"),
    [
        ("+49 30 901820", None, "+4930901820"),
        ("0049 (30) 901-820", None, "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("030 901820", None, None),
        ("12", "DE", None),
        ("no number", "DE", None),
        ("+49" + "1" * 30, None, None),
    ],
)
def test_a_number_is_stored_in_international_form_or_not_at_all(typed: str, region: str | None, stored: str | None) -> None:
    assert e164(typed, region) == stored


def test_all_spellings_of_a_mobile_number_are_looked_for() -> None:
    assert variants("+5511987654321") == ["+5511987654321", "+551187654321"]
    assert variants("+4930901820") == ["+4930901820"]
