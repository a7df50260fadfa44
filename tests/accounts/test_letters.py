"""Letters in the language of who gets them."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from ismessenger.accounts import invite, letters
from ismessenger.accounts.access import Access
from ismessenger.accounts.letters import Words, send
from ismessenger.accounts.model import Member
from ismessenger.language import PSEUDO_LANGUAGE, speaking
from ismessenger.sdk.words import marked
from ismessenger.tenancy.catalog import Letter, Workspace
from tests.conftest import World
from tests.web.account.post import letters_to, somebody

PLACE = re.compile(r"%\((\w+)\)s")
EVERY = {name: words for name, words in (*vars(letters).items(), *vars(invite).items()) if isinstance(words, Words)}


async def reads(world: World, member: Member, language: str, *, browser: str = "") -> None:
    """What the member chose, and what their browser spoke."""
    async with world.installation.tenancy.catalog() as catalog:
        change = text("UPDATE catalog.account SET language = :language, browser_language = :browser WHERE id = :id")
        await catalog.execute(change, {"language": language, "browser": browser, "id": member.account_id})


async def sent(world: World, to: str, words: Words) -> Letter:
    facts = {name: datetime(2026, 3, 12, 14, 32, tzinfo=UTC) if name == "at" else "a fact" for name in PLACE.findall(words.text)}
    async with world.installation.tenancy.catalog() as catalog:
        await send(catalog, to, words, **facts)
    return (await letters_to(world.installation, to))[-1]


@pytest.mark.behaviour(382)
@pytest.mark.parametrize("name", EVERY)
async def test_every_letter_is_in_the_language_of_who_gets_it(world: World, name: str) -> None:
    english = await sent(world, world.agent.email, EVERY[name])
    assert "⟦" not in english.subject + english.text
    await reads(world, world.agent, PSEUDO_LANGUAGE)
    letter = await sent(world, world.agent.email, EVERY[name])
    assert (letter.subject, letter.text) == (f"⟦{english.subject}⟧", f"⟦{english.text}⟧")


def test_all_letters_about_accounts_were_tried() -> None:
    assert len(EVERY) > 13


@pytest.mark.behaviour(382)
async def test_who_chose_no_language_is_written_to_in_that_of_their_browser(world: World) -> None:
    words = letters.RESET_PASSWORD
    await reads(world, world.agent, "", browser=PSEUDO_LANGUAGE)
    assert (await sent(world, world.agent.email, words)).subject == "⟦Set a new password⟧"
    await reads(world, world.agent, "en", browser=PSEUDO_LANGUAGE)
    with speaking(PSEUDO_LANGUAGE):
        assert (await sent(world, world.agent.email, words)).subject == "Set a new password"


@pytest.mark.behaviour(382)
async def test_a_stranger_is_invited_in_the_language_of_who_invites(world: World) -> None:
    stranger = somebody()
    async with world.installation.tenancy.catalog() as catalog:
        workspace = await catalog.get_one(Workspace, world.workspace_id)
    with speaking(PSEUDO_LANGUAGE):
        await invite.invite(world.installation, workspace, email=stranger, access=Access("agent"), by=world.owner)
    (letter,) = await letters_to(world.installation, stranger)
    assert letter.subject == f"⟦{world.owner.name} invites you to {workspace.name}⟧"
    assert letter.text.startswith("⟦Hello,")


async def test_a_moment_in_a_letter_is_written_as_its_reader_writes_it(world: World) -> None:
    words = Words(marked("New sign-in to your account"), marked("When: %(at)s"))
    assert (await sent(world, world.agent.email, words)).text == "When: March 12, 2026, 14:32 UTC"
