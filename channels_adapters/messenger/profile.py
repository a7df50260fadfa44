"""Who a person is, as far as Facebook tells.

Source: Meta, Messenger Platform, "User Profile API", "Supported Locales".
"""

from typing import Any, Final

from channels_adapters.messenger.graph import TOKEN_CODES, Graph, Refused
from ismessenger.sdk.channel import Profile, Throttled, Unavailable, Unconfirmed

_NAMES: Final = "first_name,last_name,profile_pic"
# Facebook's locales are no places in these: Arabic, Spanish of Latin America, Esperanto, Latin, and the jokes.
_NOWHERE = frozenset({"ar_AR", "es_LA", "eo_EO", "la_VA", "en_PI", "en_UD", "fb_LT", "tl_ST", "ck_US"})


async def profile(graph: Graph, identifier: str) -> Profile:
    """What is known; nothing for those who signed up by phone. Raises a `SendFailed` if asking again later may tell more."""
    try:
        return _profile(await graph.ask("GET", identifier, fields=f"{_NAMES},locale"))
    except Refused as refused:
        _pass_on(refused)
    # The locale takes a permission of its own, without which the whole question is refused.
    try:
        return _profile(await graph.ask("GET", identifier, fields=_NAMES))
    except Refused as refused:
        _pass_on(refused)
        return Profile()


def _pass_on(refused: Refused) -> None:
    """A permission that is missing for one question says nothing about the token."""
    passing = isinstance(refused.failure, Throttled | Unavailable | Unconfirmed)
    if passing or refused.trouble.code in TOKEN_CODES or refused.trouble.is_about_proof:
        raise refused.failure from refused


def _profile(answer: Any) -> Profile:
    known = {name: value for name, value in answer.items() if isinstance(value, str) and value} if isinstance(answer, dict) else {}
    locale = known.get("locale", "")
    language, _, country = locale.partition("_")
    return Profile(
        first_name=known.get("first_name"),
        last_name=known.get("last_name"),
        picture_url=known.get("profile_pic"),
        language=language or None,
        country_code=country if locale not in _NOWHERE and len(country) == len("XX") else None,
    )
