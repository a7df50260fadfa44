"""Which language pages speak to whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ismessenger import language
from tests.conftest import PASSWORD
from tests.web.account.post import letters_to
from tests.web.site import Shop, new_browser

DUTCH = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Sign in"
msgstr "Inloggen"

msgid "Not found"
msgstr "Niet gevonden"

msgid "There is nothing at this address. It may have been moved or deleted."
msgstr "Hier is niets."

msgid "No application has this webhook address."
msgstr "Hier is niets."

msgid "Set a new password"
msgstr "Kies een nieuw wachtwoord"
"""


@pytest.fixture
def dutch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An installation that has a translation."""
    file = tmp_path / "nl" / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True)
    file.write_text(DUTCH)
    monkeypatch.setattr(language, "LOCALES", tmp_path)
    language.languages.cache_clear()
    yield
    monkeypatch.undo()
    language.languages.cache_clear()


@pytest.mark.behaviour(366)
@pytest.mark.usefixtures("dutch")
async def test_whoever_is_not_signed_in_is_spoken_to_in_their_browsers_language(shop: Shop) -> None:
    browser = new_browser(shop.app)
    assert "Inloggen" not in (await browser.get("/session/new")).text
    browser.headers["Accept-Language"] = "fr, nl-BE;q=0.9, en;q=0.5"
    form = (await browser.get("/session/new")).text
    assert "Inloggen" in form
    assert 'lang="nl"' in form
    assert "Niet gevonden" in (await browser.get("/nowhere")).text


@pytest.mark.behaviour(382)
@pytest.mark.usefixtures("dutch")
async def test_a_letter_speaks_the_language_of_the_browser_that_somebody_signed_in_with(shop: Shop) -> None:
    agent, browser = shop.world.agent, new_browser(shop.app)
    browser.headers["Accept-Language"] = "nl"
    assert (await browser.post("/session", data={"email": agent.email, "password": PASSWORD})).status_code == 303
    # Whoever asks for the letter may be somebody else.
    await new_browser(shop.app).post("/password-resets", data={"email": agent.email})
    assert (await letters_to(shop.installation, agent.email))[-1].subject == "Kies een nieuw wachtwoord"


@pytest.mark.behaviour(383)
@pytest.mark.usefixtures("dutch")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v2/nowhere", "There is nothing at this address."),
        ("/custom/nowhere", "There is nothing at this address."),
        ("/hooks/nowhere", "No application has this webhook address."),
    ],
)
async def test_programs_are_answered_in_english(shop: Shop, path: str, words: str) -> None:
    browser = new_browser(shop.app)
    browser.headers["Accept-Language"] = "nl"
    assert "Hier is niets." in (await browser.get("/nowhere")).text
    assert words in (await browser.get(path, headers={"Accept": "application/json"})).text
