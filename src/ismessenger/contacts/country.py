"""The country of a person, derived once: from the phone number, else from the locale."""

import phonenumbers

from ismessenger.sdk.channel import Profile


def country_of(profile: Profile) -> str | None:
    """An ISO 3166 code of two letters, or ``None``."""
    if profile.country_code and len(profile.country_code) == 2:  # noqa: PLR2004 - ISO 3166-1 alpha-2
        return profile.country_code.upper()
    if profile.phone and (country := country_of_phone(profile.phone)):
        return country
    _language, _mark, region = (profile.language or "").replace("-", "_").partition("_")
    return region.upper() if len(region) == 2 and region.isascii() and region.isalpha() else None  # noqa: PLR2004 - as above


def country_of_phone(phone: str) -> str | None:
    """The country of a number in international form."""
    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    return region if region and region.isalpha() else None
