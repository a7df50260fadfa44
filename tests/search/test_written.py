"""Messages and comments are found by their words, in every script, and by nobody who may not see them."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ismessenger.accounts.visibility import ONLY_MINE, ONLY_TEAM, visible_to
from ismessenger.contacts.filtered import Explained
from ismessenger.contacts.model import ContactField, LifecycleStage, Tag
from ismessenger.kit.clock import now
from ismessenger.search import written as search
from ismessenger.search.filters import Narrowed
from ismessenger.search.terms import terms
from ismessenger.workspaces.model import Preferences
from tests.conftest import make_world
from tests.search.conftest import Desk
from tests.tenancy.test_migrations import owner_of

SAID = {
    "lamp": "Is the LAMP-shade still in stock?",
    "ok": "ok, no 7",
    "umlaut": "Größe für die Müllers",
    "han": "我想买一个台灯，红色的",
    "kana": "ランプはありますか",
    "hangul": "램프가 있나요?",
    "thai": "มีโคมไฟไหม",
    "arabic": "هل المصباح متوفر؟",
    "russian": "Есть ли лампа?",
    "link": "see https://shop.example/lamp-shade?id=4711",
    "party": "party 🎉 tonight",
    "long": "z" * 3000,
}


@pytest.fixture
async def talk(desk: Desk) -> Desk:
    contact_id = await desk.person("Ada")
    for words in SAID.values():
        await desk.said(contact_id, words)
    return desk


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("lamp", {"lamp", "link"}),
        ("LAMP shade", {"lamp", "link"}),
        ("stock lamp", {"lamp"}),
        ("sto", {"lamp"}),
        ("sto lamp", set()),
        ("tock", set()),
        ("ok", {"ok"}),
        ("no 7", {"ok"}),
        ("größe", {"umlaut"}),
        ("GRÖSSE", {"umlaut"}),
        ("müll", {"umlaut"}),
        ("灯", {"han"}),
        ("台灯", {"han"}),
        ("买一个", {"han"}),
        ("灯台", set()),
        ("买红色", set()),
        ("ランプ", {"kana"}),
        ("램프", {"hangul"}),
        ("โคมไฟ", {"thai"}),
        ("المصباح", {"arabic"}),
        ("ЛАМПА", {"russian"}),
        ("4711", {"link"}),
        ("shop.example/lamp", {"link"}),
        ("🎉", {"party"}),
        ("z" * 50, {"long"}),
        ("' \\ & | ! ( ) : *", set()),
        ("%", set()),
        ("lamp' | stock", {"lamp"}),
    ],
)
@pytest.mark.behaviour(250)
async def test_messages_are_found_by(talk: Desk, line: str, found: set[str]) -> None:
    assert set(await talk.found(line)) == {SAID[name] for name in found}


@pytest.mark.behaviour(10)
async def test_rule_10_parts_of_names_whole_values_words_of_messages_and_filters(desk: Desk) -> None:
    async with desk.world.installation.tenancy.workspace(desk.world.workspace_id) as db:
        db.add_all([field := ContactField(slug="order", name="Order"), tag := Tag(name="Big customer")])
        await db.flush()
    ada = await desk.person("Adaline", last_name="Lovelace", phone="+493012345678", email="ada@x.example", fields={str(field.id): "A-17"})
    await desk.person("Bo", tag_ids=[tag.id])
    for part in ("dalin", "LOVEL", "ine lov", "0123456"):
        assert await desk.met(part) == ["Adaline Lovelace"], part
    for whole, piece in (("ada@x.example", "x.example"), ("A-17", "A-1")):
        assert await desk.met(whole) == ["Adaline Lovelace"], whole
        assert await desk.met(piece) == [], piece
    await desk.said(ada, "the wicker lamp")
    await desk.noted(ada, "asks for wicker")
    assert await desk.found("lamp wicker") == ["the wicker lamp"]
    assert await desk.found("amp") == []
    assert await desk.found("wicker", kind="comment") == ["asks for wicker"]
    assert await desk.met('tag:"big customer"') == ["Bo"]
    assert await desk.found("lamp tag:big") == []


@pytest.mark.behaviour(252)
async def test_typed_filters_narrow(desk: Desk) -> None:
    world = desk.world
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        db.add(Preferences(lifecycle_enabled=True))
        db.add_all([tag := Tag(name="VIP"), Tag(name="Vintage"), stage := LifecycleStage(name="Hot Lead")])
        await db.flush()
    at = now()
    mine = await desk.person("Mine", assignee_id=world.agent.id, tag_ids=[tag.id], status="open", last_message_at=at)
    other = await desk.person("Other", lifecycle_id=stage.id, last_message_at=at - timedelta(days=40))
    await desk.said(other, "lamp two", at=at - timedelta(days=40))
    await desk.said(mine, "lamp one", at=at)
    for line, found in {
        "lamp": ["lamp one", "lamp two"],
        "lamp assignee:me": ["lamp one"],
        f'lamp assignee:"{world.agent.name}"': ["lamp one"],
        "lamp assignee:none": ["lamp two"],
        "lamp tag:vip": ["lamp one"],
        "lamp tag:v": [],
        "lamp tag:nope": [],
        'lamp stage:"hot lead"': ["lamp two"],
        "lamp stage:hot": ["lamp two"],
        "lamp status:open": ["lamp one"],
        "lamp status:closed": ["lamp two"],
        'lamp channel:"shop chat"': ["lamp one", "lamp two"],
        f"lamp before:{(at - timedelta(days=20)).date()}": ["lamp two"],
        f"lamp after:{(at - timedelta(days=20)).date()}": ["lamp one"],
        "lamp after:today before:yesterday": [],
        "lamp after:soon": [],
    }.items():
        assert await desk.found(line, by=world.agent) == found, line
    assert await desk.met("assignee:me", by=world.agent) == ["Mine"]
    assert await desk.met("stage:hot o") == ["Other"]
    assert await desk.met("o before:2001-01-01") == []


@pytest.mark.behaviour(251)
async def test_a_search_finds_nothing_of_whom_one_may_not_see_nor_of_another_workspace(desk: Desk) -> None:
    world = desk.world
    mine, theirs = await desk.person("Mine", assignee_id=world.agent.id), await desk.person("Theirs", assignee_id=world.owner.id)
    for contact_id in (mine, theirs):
        await desk.said(contact_id, f"lamp of {contact_id}")
        await desk.noted(contact_id, f"lamp note of {contact_id}")
    stranger = Desk(await make_world(world.installation), desk.channel_id)
    assert await stranger.found("lamp") == []
    assert await stranger.met("mine") == []
    assert len(await desk.found("lamp", by=world.agent)) == 2
    for restriction in (ONLY_MINE, ONLY_TEAM):
        world.agent.restrictions = [restriction]
        assert await desk.found("lamp", by=world.agent) == [f"lamp of {mine}"]
        assert await desk.found("lamp", by=world.agent, kind="comment") == [f"lamp note of {mine}"]
        assert await desk.met("e", by=world.agent) == ["Mine"]


async def test_what_was_changed_is_found_by_its_new_words_alone(desk: Desk) -> None:
    contact_id = await desk.person("Ada")
    message_id = await desk.said(contact_id, "the lamp")
    async with desk.world.installation.tenancy.workspace(desk.world.workspace_id) as db:
        await db.execute(text("UPDATE message SET words = 'the lantern' WHERE id = :id"), {"id": message_id})
    assert await desk.found("lamp") == []
    assert await desk.found("lantern") == ["the lantern"]


@pytest.mark.behaviour(254)
async def test_the_index_is_asked_stretch_by_stretch_and_every_hit_is_shown_once(desk: Desk) -> None:
    """As the role that serves pages; a common word, a rare one, and one that only some may see."""
    world = desk.world
    contact_id = await desk.person("Ada", assignee_id=world.agent.id)
    await desk.person("Bo")
    async with world.installation.tenancy.workspace(world.workspace_id) as db:
        # Numbers far apart, as in a home where many workspaces write.
        await db.execute(
            text(
                "INSERT INTO message"
                " (id, contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at, created_at)"
                " SELECT 10000000000000 + :w * 100000000000 + n * 40, :c, :ch, 'incoming', 'text', '{}', 'the lamp ' || md5(n::text)"
                " || CASE WHEN n IN (3, 2900) THEN ' unicorn' ELSE '' END, 'contact', 'received', '{}', now(), now()"
                " FROM generate_series(1, 3000) AS n"
            ),
            {"c": contact_id, "ch": desk.channel_id, "w": world.workspace_id},
        )
        # Of a handful of contacts reading all would be the right plan.
        people = "INSERT INTO contact (first_name, status, created_at, created_source)"
        await db.execute(text(f"{people} SELECT 'N', 'closed', now(), 'user' FROM generate_series(1, 3000)"))
        count = (await db.execute(text("SELECT (max(id) >> 15) - (min(id) >> 15) + 1 FROM message"))).scalar_one()
    url = world.installation.settings.database_url
    assert url is not None
    async with owner_of(url.get_secret_value()) as connection:
        await connection.execute(text("ANALYZE store.message, store.contact"))
    assert count > 3
    assert len(await desk.found("unicorn")) == 2
    assert len(await desk.found("uni", by=world.agent)) == 2
    async with world.installation.tenancy.reading(world.workspace_id) as db:
        for member, narrow in ((world.owner, Narrowed()), (world.agent, Narrowed(after=now() - timedelta(days=1)))):
            wanted, seen, before = await terms(db, "the lam"), list[int](), None
            while True:
                page = await search.written(db, member, "message", wanted, narrow, before=before, limit=700)
                seen += [hit.id for hit in page.hits]
                before = page.older
                if before is None:
                    break
            assert len(seen) == 3000
            assert seen == sorted(set(seen), reverse=True)
        for word, whose in (("unicorn", ()), ("the", (visible_to(world.agent),))):
            asked = search._Asked("message", await terms(db, word), Narrowed(), whose, None, 20)
            plan = str((await db.execute(Explained(search._walk(db, asked, *await search._bounds(db, asked))))).scalar_one())
            assert "message_search_idx" in plan, plan
            assert "'Seq Scan'" not in plan, plan
