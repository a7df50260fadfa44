"""Tags: unique but for capitals, made by name, counted."""

import pytest

from ismessenger.contacts.errors import NotThere, Refused
from ismessenger.contacts.mark import tag_contacts
from ismessenger.contacts.model import Contact
from ismessenger.contacts.tags import TagDraft, add_tag, change_tag, tag_named, tags, tags_by_name, used
from tests.conftest import World


async def test_a_tag_is_added_changed_and_counted(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        vip = await add_tag(db, TagDraft("  Very  important ", "who pays", "⭐", "yellow"))
        contact = Contact(first_name="Ada")
        db.add(contact)
        await db.flush()
        await tag_contacts(db, [contact.id], add=[vip.id])
        await change_tag(db, vip.id, TagDraft("VIP", color="red"))
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        assert [(tag.name, tag.color, tag.emoji) for tag in await tags(db)] == [("VIP", "red", "")]
        assert await used(db, [vip.id]) == {vip.id: 1}
        with pytest.raises(NotThere):
            await tag_named(db, vip.id + 1_000_000)


async def test_two_tags_of_one_name_are_refused_whatever_the_capitals(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        await add_tag(db, TagDraft("VIP"))
        other = await add_tag(db, TagDraft("new"))
        with pytest.raises(Refused, match="a tag called vip already"):
            await add_tag(db, TagDraft("vip"))
        with pytest.raises(Refused, match="a tag called Vip already"):
            await change_tag(db, other.id, TagDraft("Vip"))


@pytest.mark.parametrize("draft", [TagDraft(" "), TagDraft("x" * 256), TagDraft("x", color="pink"), TagDraft("x", emoji="not one")])
async def test_a_tag_that_cannot_be_is_refused_in_words(world: World, draft: TagDraft) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        with pytest.raises(Refused):
            await add_tag(db, draft)


async def test_tags_are_found_by_name_and_unknown_ones_are_made_once(world: World) -> None:
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        vip = await add_tag(db, TagDraft("VIP"))
        found = await tags_by_name(db, ["trial", "vip", " Trial ", "VIP"])
        assert [tag.name for tag in found] == ["trial", "VIP"]
        assert found[1].id == vip.id
        assert await tags_by_name(db, ["nobody knows"], create=False) == []
        assert await tags_by_name(db, []) == []
