"""Contacts enter workflows and go through them, by the lane: effects, waits, questions."""

from datetime import timedelta

import pytest

from ismessenger.sdk.channel import Rejected
from ismessenger.sdk.content import Text
from tests.automation.flows import OPENED, Flows, close, deliver, step, trigger

HOUR = {"value": 1, "unit": "hours"}


async def test_a_conversation_that_opens_runs_the_workflow_to_its_end(flows: Flows) -> None:
    tag_id = await flows.tag("New")
    await flows.publish(
        "Welcome",
        OPENED,
        step("s1", "update_tags", {"action": "add", "tag_ids": [tag_id]}, next="s2"),
        step("s2", "wait", {"duration": HOUR}, next="s3"),
        step("s3", "add_comment", {"text": "$contact.firstname said: $first_message"}),
    )
    contact_id = await flows.write("ada", "I need help")
    assert await flows.run() > 0
    assert await flows.rows("SELECT tag_ids FROM contact") == [([tag_id],)]
    assert await flows.runs() == [("Welcome", "waiting")]
    assert await flows.rows("SELECT kind, contact_id, due_at > now() FROM wakeup") == [("workflow", contact_id, True)]
    assert await flows.comments() == []
    await flows.later(timedelta(hours=2))
    await flows.run()
    assert await flows.comments() == ["Ada said: I need help"]
    assert await flows.runs() == [("Welcome", "done")]
    assert await flows.rows("SELECT count(*) FROM workflow_signal") == [(0,)]
    assert [kind for (kind,) in await flows.rows("SELECT kind FROM event WHERE kind LIKE 'workflow.%' ORDER BY id")] == [
        "workflow.started",
        "workflow.ended",
    ]


async def test_every_effect_is_carried_out_in_the_workflow_s_name(flows: Flows) -> None:
    workflow_id = await flows.publish(
        "All",
        OPENED,
        step("s1", "update_tags", {"action": "add", "new_tags": ["From $channel"]}, next="s2"),
        step("s2", "update_field", {"field": "email", "value": "ada@example.com"}, next="s3"),
        step("s3", "assign_to", {"action": "member", "member_id": flows.world.agent.id}, next="s4"),
        step("s4", "send_message", {"message": {"text": "Hello $contact.firstname"}}, next="s5"),
        step("s5", "snooze_conversation", {"mode": "for", "duration": HOUR}, next="s6"),
        step("s6", "open_conversation", next="s7"),
        step("s7", "close_conversation", {"summary": "Greeted by $assignee.name"}, next="s8"),
        step("s8", "add_comment", {"text": "Done"}),
    )
    await flows.write("ada")
    await flows.run()
    assert await flows.runs() == [("All", "done")], await flows.trail()
    assert await flows.rows("SELECT email, assignee_id, status FROM contact") == [("ada@example.com", flows.world.agent.id, "closed")]
    assert await flows.rows("SELECT name FROM tag WHERE name LIKE 'From%'") == [("From Orders",)]
    assert await flows.rows("SELECT words, source, sender_id, traffic FROM message WHERE source = 'workflow'") == [
        ("Hello Ada", "workflow", workflow_id, "outgoing")
    ]
    closed = await flows.rows("SELECT closed_source, closed_by_id, summary FROM conversation")
    assert closed == [("workflow", None, f"Greeted by {flows.world.agent.name}")]
    assert await flows.rows("SELECT text, author_kind, author_id FROM comment") == [("Done", "workflow", workflow_id)]
    kinds = await flows.rows("SELECT kind FROM event WHERE actor_kind = 'workflow' AND actor_id = :id ORDER BY id", id=workflow_id)
    assert {str(kind) for (kind,) in kinds} >= {
        "tag.added",
        "contact.updated",
        "contact.assigned",
        "conversation.snoozed",
        "conversation.unsnoozed",
        "conversation.closed",
    }
    assert {(step, error) for step, _exit, error in await flows.trail()} == {(f"s{number}", None) for number in range(1, 9)}


@pytest.mark.behaviour(296)
async def test_a_message_of_a_workflow_opens_no_conversation(flows: Flows) -> None:
    await flows.publish("Bye", trigger("conversation_closed"), step("s1", "send_message", {"message": {"text": "Bye"}}))
    contact_id = await flows.write("ada")
    await close(flows, contact_id)
    await flows.run()
    assert await flows.sent() == ["Bye"]
    assert await flows.rows("SELECT status FROM contact") == [("closed",)]
    assert await flows.rows("SELECT count(*) FROM conversation") == [(1,)]


async def test_what_cannot_be_sent_goes_the_way_of_failures_with_the_reason(flows: Flows) -> None:
    await flows.publish(
        "Ads",
        OPENED,
        step("s1", "send_message", {"message": {"text": "Hi"}, "failure_branch": True}, failure="s2"),
        step("s2", "add_comment", {"text": "Not sent"}),
    )
    contact_id = await flows.write("ada")
    await flows.change("UPDATE contact SET blocked_at = now() WHERE id = :id", id=contact_id)
    await flows.run()
    assert await flows.comments() == ["Not sent"]
    assert [error for step, _exit, error in await flows.trail() if step == "s1" and error] == [
        "This contact is blocked. Unblock it to write."
    ]
    assert await flows.sent() == []


async def test_a_message_that_must_be_sent_first_holds_the_run_until_then(flows: Flows) -> None:
    await flows.publish(
        "Sure",
        OPENED,
        step("s1", "send_message", {"message": {"text": "Hi"}, "failure_branch": True}, next="s2", failure="s3"),
        step("s2", "add_comment", {"text": "Sent"}),
        step("s3", "add_comment", {"text": "Refused"}),
    )
    await flows.write("ada")
    await flows.run()
    assert (await flows.sent(), await flows.comments()) == (["Hi"], [])
    await deliver(flows, Rejected("no", "This number does not exist."))
    await flows.run()
    assert await flows.comments() == ["Refused"]
    assert ("s1", "failure", "This number does not exist.") in await flows.trail()
    await flows.write("bo")
    await flows.run()
    await deliver(flows, None)
    await flows.run()
    assert await flows.comments() == ["Refused", "Sent"]


@pytest.mark.parametrize(
    "content",
    [
        {"type": "nonsense"},
        {"type": "location", "latitude": "$contact.name", "longitude": 200},
        {"type": "template", "name": "hi", "language": "en", "components": 5},
        {},
    ],
)
async def test_a_content_that_is_none_fails_its_step_in_words(flows: Flows, content: dict[str, object]) -> None:
    await flows.publish(
        "Fragile",
        OPENED,
        step("s1", "send_message", {"message": {"content": content}, "failure_branch": True}, next="s2", failure="s3"),
        step("s2", "add_comment", {"text": "sent"}),
        step("s3", "add_comment", {"text": "not sent"}),
    )
    await flows.write("ada")
    await flows.run()
    assert await flows.comments() == ["not sent"]
    ((error,),) = await flows.rows("SELECT error FROM workflow_step WHERE error IS NOT NULL")
    assert "cannot be sent" in error


@pytest.mark.behaviour(293)
async def test_the_next_message_after_the_question_is_the_answer(flows: Flows) -> None:
    await flows.publish(
        "Ask",
        OPENED,
        step("s1", "ask_question", {"question": {"text": "Your name?"}, "save_variable": "name"}, success="s2"),
        step("s2", "ask_question", {"question": {"text": "Your city?"}, "save_variable": "city"}, success="s3"),
        step("s3", "add_comment", {"text": "$name of $city"}),
    )
    await flows.write("ada", "Hello", "Anybody there?")
    await flows.run()
    assert await flows.sent() == ["Your name?"]
    await flows.write("ada", "Ada", "I said that before")
    await flows.run()
    assert await flows.sent() == ["Your name?", "Your city?"]
    assert await flows.comments() == []
    await flows.write("ada", "London")
    await flows.run()
    assert await flows.comments() == ["Ada of London"]


async def test_a_pressed_choice_is_heard_by_what_it_carries(flows: Flows) -> None:
    tag_id = await flows.tag("Sales")
    question = {"question": {"text": "Which?"}, "type": "choice", "options": ["Sales", "Support"], "save_tag": True}
    await flows.publish("Menu", OPENED, step("s1", "ask_question", question))
    await flows.write("ada")
    await flows.run()
    await flows.write("ada", content=Text(text="pressed", payload="Sales"))
    await flows.run()
    assert await flows.rows("SELECT tag_ids FROM contact") == [([tag_id],)]


async def test_a_question_whose_time_is_up_is_not_answered_any_more(flows: Flows) -> None:
    await flows.publish(
        "Ask",
        OPENED,
        step("s1", "ask_question", {"question": {"text": "Well?"}, "timeout_branch": True, "timeout": HOUR}, timeout="s2", success="s3"),
        step("s2", "add_comment", {"text": "Nothing came"}),
        step("s3", "add_comment", {"text": "An answer"}),
    )
    await flows.write("ada")
    await flows.run()
    await flows.later(timedelta(hours=2))
    await flows.run()
    await flows.write("ada", "Too late")
    await flows.run()
    assert await flows.comments() == ["Nothing came"]


async def test_a_step_whose_thing_was_deleted_says_so_and_the_run_goes_on(flows: Flows) -> None:
    await flows.publish(
        "Old",
        OPENED,
        step("s1", "update_tags", {"action": "add", "tag_ids": [987654]}, next="s2"),
        step("s2", "add_comment", {"text": "On"}),
    )
    await flows.write("ada")
    await flows.run()
    assert await flows.comments() == ["On"]
    ((effects,),) = await flows.rows("SELECT effects FROM workflow_step WHERE step = 's1'")
    assert effects[0]["reason"] == "A tag of this step was deleted. Choose another one."


async def test_a_branch_sees_what_the_steps_before_changed(flows: Flows) -> None:
    tag_id = await flows.tag("VIP")
    vip = {"$and": [{"category": "contactTag", "operator": "hasAnyOf", "value": [tag_id]}]}
    await flows.publish(
        "Sees",
        OPENED,
        step("s1", "update_tags", {"action": "add", "tag_ids": [tag_id]}, next="s2"),
        step("s2", "branch", {"branches": [{"id": "b1", "name": "VIP", "condition": vip}]}, b1="s3"),
        step("s3", "add_comment", {"text": "VIP"}),
    )
    await flows.write("ada")
    await flows.run()
    assert await flows.comments() == ["VIP"]


async def test_a_hundred_contacts_go_together_and_each_gets_its_own(flows: Flows) -> None:
    await flows.publish(
        "Many",
        OPENED,
        step("s1", "update_field", {"field": "lastName", "value": "$first_message"}, next="s2"),
        step("s2", "add_comment", {"text": "$contact.name"}),
    )
    for number in range(130):
        await flows.write(f"p{number}", f"number {number}")
    await flows.run()
    assert set(await flows.comments()) == {f"P{number} number {number}" for number in range(130)}
