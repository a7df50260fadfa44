"""A person takes the contact in hand: the workflow says what becomes of its runs."""

from collections.abc import Awaitable, Callable

import pytest

from ismessenger.contacts.lock import lock_contact
from ismessenger.conversations.assign import assign
from ismessenger.messages.reply import Draft, Part, reply
from ismessenger.sdk.content import Text
from tests.automation.flows import OPENED, Flows, close, step

DAY = {"duration": {"value": 1, "unit": "days"}}


async def answer(flows: Flows, contact_id: int) -> None:
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await reply(flows.installation, db, contact_id, Draft([Part(Text(text="I am here"))]), by=flows.world.agent)


async def hand_over(flows: Flows, contact_id: int) -> None:
    async with flows.installation.tenancy.workspace(flows.world.workspace_id) as db:
        await assign(db, await lock_contact(db, contact_id), to=flows.world.manager, actor="user", by=flows.world.agent.id)


HANDS = [("reply", answer, "replied"), ("assignment", hand_over, "assigned the contact"), ("closing", close, "closed the conversation")]


@pytest.mark.behaviour(294)
@pytest.mark.parametrize("then", ["end", "go_on"])
@pytest.mark.parametrize(("hand", "does", "words"), HANDS, ids=[hand for hand, _does, _words in HANDS])
async def test_a_person_s_hand_ends_the_run_where_the_workflow_says_so(
    flows: Flows, hand: str, does: Callable[[Flows, int], Awaitable[None]], words: str, then: str
) -> None:
    hands = {"reply": "go_on", "assignment": "go_on", "closing": "go_on", hand: then}
    await flows.publish("Waits", OPENED, step("s1", "wait", DAY), hands=hands)
    contact_id = await flows.write("ada")
    await flows.run()
    await does(flows, contact_id)
    await flows.run()
    ((standing, error),) = await flows.rows("SELECT standing, error FROM workflow_run")
    if then == "end":
        assert (standing, error) == ("ended", f"{flows.world.agent.name} {words}.")
        assert await flows.rows("SELECT count(*) FROM wakeup WHERE kind = 'workflow'") == [(0,)]
    else:
        assert (standing, error) == ("waiting", None)


@pytest.mark.behaviour(294)
async def test_what_a_workflow_itself_does_is_nobody_s_hand(flows: Flows) -> None:
    hands = {"reply": "end", "assignment": "end", "closing": "end"}
    await flows.publish("Waits", OPENED, step("s1", "wait", DAY), hands=hands)
    await flows.publish(
        "Acts",
        OPENED,
        step("s1", "send_message", {"message": {"text": "Hi"}}, next="s2"),
        step("s2", "assign_to", {"action": "member", "member_id": flows.world.agent.id}, next="s3"),
        step("s3", "close_conversation"),
    )
    await flows.write("ada")
    await flows.run()
    assert await flows.runs() == [("Waits", "waiting"), ("Acts", "done")]
