"""What shops do with workflows, from end to end: visitors on the website chat, two agents, workflows of the gallery."""

from datetime import UTC, datetime, timedelta

from ismessenger.accounts.presence import choose_status, is_active
from ismessenger.kit.clock import shifted
from tests.web.recipes.store import Definition, Store, steps


async def test_a_newcomer_is_welcomed_and_somebody_known_is_not(store: Store) -> None:
    def once(definition: Definition) -> None:
        definition["trigger"]["once"] = True

    await store.use("welcome", once)
    ada = await store.visitor()
    await ada.says("Hello?")
    welcome = await ada.told()
    assert len(welcome) == 1
    await store.reply(store.agents[0], ada.contact_id, "How can I help?")
    await store.close_conversation(store.agents[0], ada.contact_id)
    await ada.says("Me again")
    assert await ada.told() == [*welcome, "How can I help?"]


async def test_address_and_number_are_asked_for_checked_and_kept(store: Store) -> None:
    workflow = await store.use("welcome-ask-email-and-phone")
    ada = await store.visitor()
    await ada.says("Hi there")
    assert (await ada.told())[-1] == "What is your e-mail address?"
    await ada.says("why do you ask")
    assert (await ada.told())[-2:] == ["That does not look like an e-mail address.", "What is your e-mail address?"]
    await ada.says("It is <Ada@Example.com>.")
    assert (await ada.told())[-1] == "And your phone number, with the country’s code?"
    await ada.says("Call +44 7400 123456, after six")
    assert (await ada.told())[-1] == "Thank you. Somebody will be with you soon."
    found = await store.site.rows("SELECT email, phone, country_code FROM contact WHERE id = :id", id=ada.contact_id)
    assert found == [("Ada@Example.com", "+447400123456", "GB")]
    assert await store.assignee(ada.contact_id) is not None
    assert await store.runs(workflow) == [("done", None)]


async def test_conversations_go_to_the_two_in_turn(store: Store) -> None:
    def to_the_team(definition: Definition) -> None:
        for params in steps(definition, "assign_to"):
            params.update(action="team", team_id=store.team_id)

    await store.use("assign-round-robin", to_the_team)
    got = []
    for _who in range(4):
        visitor = await store.visitor()
        await visitor.says("Hello")
        got.append(await store.assignee(visitor.contact_id))
    assert got[:2] == got[2:]
    assert set(got) == {agent.id for agent in store.agents}


async def test_whoever_has_least_to_do_gets_the_next(store: Store) -> None:
    def to_the_team(definition: Definition) -> None:
        for params in steps(definition, "assign_to"):
            params.update(action="team", team_id=store.team_id)

    await store.use("assign-least-open", to_the_team)
    people = [await store.visitor() for _who in range(5)]
    for person in people[:4]:
        await person.says("Hello")
    busy, free = await store.assignee(people[0].contact_id), await store.assignee(people[1].contact_id)
    assert {busy, free} == {agent.id for agent in store.agents}
    agent = next(agent for agent in store.agents if agent.id == free)
    for person in people[:4]:
        if await store.assignee(person.contact_id) == free:
            await store.close_conversation(agent, person.contact_id)
    await people[4].says("And me?")
    assert await store.assignee(people[4].contact_id) == free


async def test_nobody_is_online_until_somebody_comes(store: Store) -> None:
    def to_the_team(definition: Definition) -> None:
        for params in steps(definition, "assign_to"):
            params.update(action="team", team_id=store.team_id)

    workflow = await store.use("assign-round-robin-online", to_the_team)
    first, second = await store.visitor(), await store.visitor()
    await first.says("Anybody?")
    await second.says("Nobody?")
    assert await store.assignee(first.contact_id) is None
    assert [standing for standing, _error in await store.runs(workflow)] == ["waiting", "waiting"]
    installation, workspace_id = store.world.installation, store.world.workspace_id
    agent = store.agents[1]
    async with installation.tenancy.workspace(workspace_id) as db:
        await choose_status(db, agent.id, "online")
    await is_active(installation, workspace_id, agent.id, returns=True)
    await store.until(lambda: store.all_assigned(first, second))
    assert {await store.assignee(each.contact_id) for each in (first, second)} == {agent.id}
    await store.until(lambda: store.all_done(workflow))


async def test_outside_business_hours_visitors_are_told(store: Store) -> None:
    await store.use("away-business-hours")
    monday = datetime(2026, 11, 23, 11, tzinfo=UTC)
    with shifted(monday - datetime.now(UTC)):
        ada = await store.visitor()
        await ada.says("Are you there?")
        assert await ada.told() == []
    with shifted(monday + timedelta(hours=11) - datetime.now(UTC)):
        bo = await store.visitor()
        await bo.says("And now?")
        assert "closed right now" in (await bo.told())[0]


async def test_who_comes_back_goes_elsewhere(store: Store) -> None:
    await store.use("new-and-returning")
    ada = await store.visitor()
    await ada.says("Hello")
    assert "welcome" in (await ada.told())[0]
    await store.close_conversation(store.agents[0], ada.contact_id)
    await ada.says("Hello again")
    assert (await ada.told())[1].startswith("Welcome back")


async def test_a_language_finds_its_team(store: Store) -> None:
    await store.use("route-by-language")
    ada = await store.visitor()
    await ada.says("Hallo")
    assert await store.assignee(ada.contact_id) in {agent.id for agent in store.agents}
    assert await ada.told() == ["Hello, thanks for writing to us."]


async def test_a_menu_leads_to_its_second_level(store: Store) -> None:
    await store.use("menu")
    ada = await store.visitor()
    await ada.says("Hello")
    assert "what is it about?" in (await ada.told())[0]
    await ada.says("lunch")
    assert "Please choose one of these." in (await ada.told())[1]
    await ada.says("support")
    assert "What can we help with?" in (await ada.told())[-1]
    await ada.says("2")
    assert await store.tags(ada.contact_id) == {"Support"}
    assert await store.comments(ada.contact_id) == [("workflow", "Chose from the menu: Support, A return")]
    assert await store.assignee(ada.contact_id) in {agent.id for agent in store.agents}


async def test_an_agent_who_answers_takes_the_menu_away(store: Store) -> None:
    workflow = await store.use("menu")
    ada = await store.visitor()
    await ada.says("Hello")
    await store.reply(store.agents[0], ada.contact_id, "Hi, I am Sam. What is it about?")
    assert [standing for standing, _error in await store.runs(workflow)] == ["ended"]
    await ada.says("Support")
    assert len(await ada.told()) == 2
    assert await store.assignee(ada.contact_id) == store.agents[0].id


async def test_a_rating_comes_in_after_closing(store: Store) -> None:
    workflow = await store.use("csat")
    ada = await store.visitor()
    await ada.says("My lamp is broken")
    await store.reply(store.agents[0], ada.contact_id, "We send another one.")
    await store.close_conversation(store.agents[0], ada.contact_id)
    assert "from 1 (poor) to 5" in (await ada.told())[-1]
    open_now = "SELECT count(*) FROM conversation WHERE contact_id = :id AND closed_at IS NULL"
    assert await store.site.rows(open_now, id=ada.contact_id) == [(0,)]
    await ada.says("5")
    assert (await ada.told())[-1] == "Thank you for telling us."
    assert await store.comments(ada.contact_id) == [("workflow", "Rated our help with 5 of 5.")]
    closed = "SELECT closed_source, summary FROM conversation WHERE contact_id = :id ORDER BY id DESC LIMIT 1"
    assert await store.site.rows(closed, id=ada.contact_id) == [("workflow", "Rating: 5")]
    assert await store.runs(workflow) == [("done", None)]


async def test_an_urgent_issue_goes_to_the_team(store: Store) -> None:
    workflow = await store.use("escalate")
    ada = await store.visitor()
    await ada.says("It burns!")
    await store.shortcut(store.agents[0], ada.contact_id, workflow, {"priority": "Urgent", "details": "Smoke from a lamp"})
    assert await store.tags(ada.contact_id) == {"Escalated"}
    ((kind, comment),) = await store.comments(ada.contact_id)
    assert kind == "workflow"
    assert comment == f"Escalated by {store.agents[0].name}, priority Urgent: Smoke from a lamp"
    assert await store.assignee(ada.contact_id) in {agent.id for agent in store.agents}
