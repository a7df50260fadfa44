"""Telephone numbers: stored as E.164, found by every spelling that reaches the same telephone."""

import re

import phonenumbers
from phonenumbers import PhoneNumberFormat, ValidationResult

MAX_LENGTH = 32
_BRAZILIAN = re.compile(r"\+55(\d\d)(9?)(\d{8})")
_ARGENTINE = re.compile(r"\+54(9?)(\d{10})")
_MEXICAN = re.compile(r"\+52(1?)(\d{10})")


def e164(typed: str, region: str | None = None) -> str | None:
    """The number in international form; ``None`` if it cannot be one. ``region`` (ISO 3166, two letters) reads national spellings."""
    bounded = typed.strip()[:MAX_LENGTH]
    international = "+" + bounded[2:] if bounded.startswith("00") else bounded
    try:
        parsed = phonenumbers.parse(international, region)
    except phonenumbers.NumberParseException:
        return None
    # What can be dialled within a town only is no number for us: nobody could reach it from elsewhere.
    possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    return phonenumbers.format_number(parsed, PhoneNumberFormat.E164) if possible else None


def variants(number: str) -> list[str]:
    """All E.164 spellings that mean the same telephone, the given one first.

    Mobile numbers of Brazil are known with and without the ninth digit, those of Argentina with and without the 9 after the country's
    code, those of Mexico with and without the 1. Source: Meta, WhatsApp Cloud API, "Phone numbers".
    """
    if brazilian := _BRAZILIAN.fullmatch(number):
        area, nine, rest = brazilian.groups()
        return [number, f"+55{area}{'' if nine else '9'}{rest}"]
    if argentine := _ARGENTINE.fullmatch(number):
        nine, rest = argentine.groups()
        return [number, f"+54{'' if nine else '9'}{rest}"]
    if mexican := _MEXICAN.fullmatch(number):
        one, rest = mexican.groups()
        return [number, f"+52{'' if one else '1'}{rest}"]
    return [number]
