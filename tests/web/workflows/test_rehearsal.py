"""Test mode: a draft runs against somebody made up or a contact that there is, and nothing of it leaves or stays."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from ismessenger.channels.connect import connect
from tests.web.site import Shop

Json = dict[str, Any]
TABLES = (
    "message",
    "comment",
    "event",
    "workflow_run",
    "workflow_step",
    "workflow_signal",
    "workflow_call",
    "delivery",
    "contact",
)


def step(id_: str, kind: str, params: Json, **exits: str) -> Json:
    """A step in its place."""
    return {"id": id_, "kind": kind, "params": params, "exits": exits}


def draft(*steps: Json, trigger: Json | None = None, **more: Any) -> Json:
    """A draft whose first step is the first one."""
    return {"format": 1, "trigger": trigger or {"kind": "manual"}, "start": steps[0]["id"] if steps else None, "steps": list(steps), **more}


@dataclass
class Phone:
    """The browser's side of a test."""

    browser: httpx.AsyncClient
    address: str
    definition: Json
    state: str = ""
    sending_fails: bool = False
    lit: list[str] = field(default_factory=list)

    async def ask(self, **move: Any) -> httpx.Response:
        body = {"definition": self.definition, "state": self.state, "move": move, "sending_fails": self.sending_fails}
        return await self.browser.post(self.address, json=body)

    async def move(self, **move: Any) -> Json:
        """One thing happens."""
        answer = await self.ask(**move)
        assert answer.status_code == 200, answer.text
        told: Json = answer.json()
        self.state = told["state"]
        self.lit += [each["step"] for each in told["trail"]]
        return told


async def phone(shop: Shop, definition: Json) -> Phone:
    browser = await shop.browser(shop.world.manager)
    made = await browser.post("/workflows", data={})
    return Phone(browser, f"{made.headers['location']}/rehearsal", definition)


WELCOME = draft(
    step("hi", "send_message", {"message": {"text": 'Hello {{$contact.firstname | "you"}}'}}, next="ask"),
    step(
        "ask",
        "ask_question",
        {"question": {"text": "Your e-mail?"}, "type": "email", "save_field": "email", "save_variable": "mail", "timeout_branch": True},
        success="thanks",
        invalid="again",
        timeout="late",
    ),
    step("thanks", "send_message", {"message": {"text": "Thanks, $mail"}}),
    step("again", "add_comment", {"text": "Not an address"}),
    step("late", "close_conversation", {}),
)


@pytest.mark.behaviour(340)
async def test_a_draft_talks_to_somebody_made_up_and_nothing_is_stored(shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    before = {table: await shop.value(f"SELECT count(*) FROM {table}") for table in TABLES}
    begun = await trial.move(do="begin", made_up={"fields": {"firstName": "Ada"}})
    assert [each["text"] for each in begun["said"]] == ["Hello Ada", "Your e-mail?"]
    assert begun["waits"]["for"] == ["answer", "time"]
    assert begun["step"] == "ask"
    done = await trial.move(do="answer", text="ada@example.com")
    assert [each["text"] for each in done["said"]] == ["Thanks, ada@example.com"]
    assert (done["standing"], done["waits"]) == ("done", None)
    assert ["E-mail", "ada@example.com"] in done["contact"] or ["Email", "ada@example.com"] in done["contact"]
    assert ["$mail", "ada@example.com"] in done["variables"]
    assert {table: await shop.value(f"SELECT count(*) FROM {table}") for table in TABLES} == before


@pytest.mark.behaviour(341)
async def test_each_step_says_what_went_in_what_came_out_and_what_it_would_do(shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    begun = await trial.move(do="begin", made_up={"fields": {"firstName": "Ada"}})
    first = begun["trail"][0]
    assert (first["step"], first["entered"], first["error"]) == ("hi", True, "")
    assert ["Message", "Hello Ada"] in first["input"]
    assert [each["words"] for each in first["effects"]] == ["Send “Hello Ada”"]
    wrong = await trial.move(do="answer", text="no address")
    asked = next(each for each in wrong["trail"] if each["step"] == "ask")
    assert asked["exit"] == "invalid"
    assert ["Answer", "no address"] in asked["output"]
    assert [each["words"] for each in wrong["trail"][-1]["effects"]] == ["Comment “Not an address”"]


async def test_time_is_skipped_to_where_the_wait_ends(shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    begun = await trial.move(do="begin")
    later = await trial.move(do="time")
    assert later["at"] == pytest.approx(begun["waits"]["until"], abs=5000)
    assert [each["step"] for each in later["trail"]] == ["ask", "late"]
    assert ["Conversation", "closed"] in later["contact"]
    refused = await trial.ask(do="time")
    assert (refused.status_code, refused.json()["words"]) == (422, "Nothing waits for a time now.")


async def test_the_test_can_take_place_at_any_time_of_the_week(shop: Shop) -> None:
    trial = await phone(shop, draft(step("w", "wait", {"duration": {"value": 2, "unit": "hours"}})))
    sunday = datetime.now(UTC) + timedelta(days=3)
    begun = await trial.move(do="begin", at=sunday.isoformat())
    assert begun["at"] / 1000 == pytest.approx(sunday.timestamp(), abs=5)
    assert begun["waits"]["until"] / 1000 == pytest.approx((sunday + timedelta(hours=2)).timestamp(), abs=5)
    assert (await trial.ask(do="begin", at="2090-01-01T00:00:00Z")).status_code == 422


@pytest.mark.behaviour(342)
async def test_a_contact_that_there_is_stays_as_it_is(shop: Shop) -> None:
    contact_id = await shop.wrote("ada", "good morning")
    trial = await phone(
        shop,
        draft(
            step("name", "update_field", {"field": "firstName", "value": "Grace"}, next="close"),
            step("close", "close_conversation", {}, next="say"),
            step("say", "send_message", {"message": {"text": "Bye $contact.firstname, you said $contact.last_message"}}),
        ),
    )
    done = await trial.move(do="begin", contact_id=contact_id)
    assert done["said"][0]["text"] == "Bye Grace, you said good morning"
    assert done["said"][0]["channel"] == "Lumen bot"
    assert await shop.rows("SELECT first_name, status FROM contact WHERE id = :id", id=contact_id) == [("Ada", "open")]


async def test_a_contact_that_is_not_there_is_a_404(shop: Shop, other_shop: Shop) -> None:
    theirs = await other_shop.wrote("bo")
    trial = await phone(shop, WELCOME)
    assert (await trial.ask(do="begin", contact_id=theirs + 10_000)).status_code == 404


@pytest.mark.behaviour(343)
async def test_a_branch_says_which_of_its_conditions_held(shop: Shop) -> None:
    named = {"category": "contactField", "field": "firstName", "operator": "isEqualTo", "value": "Ada"}
    mailed = {"category": "contactField", "field": "email", "operator": "exists"}
    branches = [
        {"id": "both", "name": "Both", "condition": {"$and": [named, mailed]}},
        {"id": "one", "name": "One", "condition": {"$or": [named, mailed]}},
    ]
    trial = await phone(shop, draft(step("b", "branch", {"branches": branches})))
    done = await trial.move(do="begin", made_up={"fields": {"firstName": "Ada"}})
    asked = done["trail"][0]["asked"]
    assert [(each["held"], each["leaves"]) for each in asked] == [(False, [True, False]), (True, [True, False])]
    assert done["trail"][0]["exit"] == "one"


async def test_a_message_that_begins_it_is_known_to_the_trigger_and_to_the_steps(shop: Shop) -> None:
    words = "$first_message, $contact.last_message, $channel, $source, $contact_type"
    trial = await phone(shop, draft(step("c", "add_comment", {"text": words}), trigger={"kind": "conversation_opened"}))
    given = {"contact_type": "returning", "channel": None}
    done = await trial.move(do="begin", said="Good morning", variables=given)
    assert [each["words"] for each in done["trail"][0]["effects"]] == [
        "Comment “Good morning, Good morning, Lumen bot, contact, returning”"
    ]


async def test_somebody_made_up_writes_on_a_channel_on_which_the_workflow_begins(shop: Shop) -> None:
    world = shop.world
    website = await connect(world.installation, world.workspace_id, "website_chat", name="Shop website", values={}, check=False)
    hello = step("hi", "send_message", {"message": {"text": "Hello"}})
    for chosen, expected in (
        ([website.channel_id], "Shop website"),
        ([shop.channel_id], "Lumen bot"),
        ([], "Lumen bot"),
        ([website.channel_id + 999], "Lumen bot"),
    ):
        trigger = {"kind": "conversation_opened", "params": {"channel_ids": chosen}}
        begun = await (await phone(shop, draft(hello, trigger=trigger))).move(do="begin")
        assert [each["channel"] for each in begun["said"]] == [expected]


async def test_the_triggers_condition_is_explained_and_stops_nothing(shop: Shop) -> None:
    named = {"category": "contactField", "field": "firstName", "operator": "isEqualTo", "value": "Ada"}
    trigger = {"kind": "manual", "condition": {"$and": [named]}}
    trial = await phone(shop, draft(step("c", "add_comment", {"text": "here"}), trigger=trigger))
    done = await trial.move(do="begin", made_up={"fields": {"firstName": "Bo"}})
    assert (done["trigger"]["held"], done["trigger"]["leaves"]) == (False, [False])
    assert done["standing"] == "done"


@pytest.mark.behaviour(344)
async def test_nothing_is_asked_outside_whoever_tries_it_answers_instead(shop: Shop) -> None:
    request = {
        "url": "http://127.0.0.1:9/never",
        "mapping": [{"path": "$.city", "variable": "city"}],
        "failure_branch": True,
    }
    definition = draft(
        step("call", "http_request", request, next="ok", failure="bad"),
        step("ok", "add_comment", {"text": "In $city"}),
        step("bad", "add_comment", {"text": "No answer"}),
    )
    trial = await phone(shop, definition)
    begun = await trial.move(do="begin")
    assert (begun["waits"]["asks"], begun["standing"]) == ("call", "waiting")
    done = await trial.move(do="result", ok=True, details={"status": 200, "json": {"city": "Lisbon"}})
    assert [each["words"] for each in done["trail"][-1]["effects"]] == ["Comment “In Lisbon”"]
    again = await phone(shop, definition)
    await again.move(do="begin")
    failed = await again.move(do="result", ok=False, reason="It took too long.")
    assert [each["step"] for each in failed["trail"]] == ["call", "bad"]
    assert failed["trail"][0]["error"] == "It took too long."


async def test_who_gets_the_contact_is_chosen_by_whoever_tries_it(shop: Shop) -> None:
    trial = await phone(
        shop, draft(step("a", "assign_to", {"action": "workspace"}, next="c"), step("c", "add_comment", {"text": "Yours, $assignee.name"}))
    )
    begun = await trial.move(do="begin")
    assert begun["waits"]["asks"] == "assign"
    names = {each["name"]: each["id"] for each in begun["waits"]["members"]}
    done = await trial.move(do="result", details={"member_id": names[shop.world.agent.name]})
    assert ["Assigned to", shop.world.agent.name] in done["contact"]
    assert [each["words"] for each in done["trail"][-1]["effects"]] == [f"Comment “Yours, {shop.world.agent.name}”"]


async def test_messages_can_be_made_to_fail(shop: Shop) -> None:
    trial = await phone(
        shop,
        draft(
            step("s", "send_message", {"message": {"text": "hi"}, "failure_branch": True}, next="ok", failure="bad"),
            step("ok", "add_comment", {"text": "sent"}),
            step("bad", "add_comment", {"text": "not sent"}),
        ),
    )
    trial.sending_fails = True
    done = await trial.move(do="begin")
    assert done["said"][0]["failed"]
    assert trial.lit[-1] == "bad"


async def test_what_a_field_does_not_take_fails_as_it_would(shop: Shop) -> None:
    fails = {"field": "email", "value": "nonsense", "failure_branch": True}
    trial = await phone(shop, draft(step("f", "update_field", fails, failure="bad"), step("bad", "add_comment", {"text": "no"})))
    done = await trial.move(do="begin")
    assert trial.lit[-1] == "bad"
    assert done["trail"][0]["effects"][0]["failed"]


@pytest.mark.behaviour(345)
async def test_a_step_that_is_not_finished_ends_the_test_and_says_so(shop: Shop) -> None:
    trial = await phone(shop, draft(step("ok", "add_comment", {"text": "first"}, next="b"), step("b", "branch", {"branches": "nonsense"})))
    done = await trial.move(do="begin")
    assert done["standing"] == "failed"
    assert "not finished" in done["trail"][-1]["error"]
    unknown = await phone(shop, draft(step("x", "of_a_plugin", {})))
    assert "not installed" in (await unknown.move(do="begin"))["trail"][-1]["error"]
    broken = await phone(shop, draft(step("c", "add_comment", {"text": "x"}), trigger={"kind": "webhook", "params": {"mapping": 3}}))
    assert (await broken.move(do="begin"))["standing"] == "done"


async def test_a_loop_of_jumps_ends(shop: Shop) -> None:
    trial = await phone(shop, draft(step("c", "add_comment", {"text": "x"}, next="j"), step("j", "jump_to", {"target": "c", "most": 10})))
    done = await trial.move(do="begin")
    assert done["standing"] == "done"
    assert len(done["trail"]) == 22


async def test_a_members_hand_ends_the_run_where_the_draft_says_so(shop: Shop) -> None:
    hands = {"reply": "end", "assignment": "go_on", "closing": "end"}
    definition = draft(step("w", "wait", {"duration": {"value": 1, "unit": "days"}}), hands=hands)
    trial = await phone(shop, definition)
    await trial.move(do="begin")
    assert (await trial.move(do="hand", hand="assignment"))["standing"] == "waiting"
    ended = await trial.move(do="hand", hand="reply")
    assert (ended["standing"], ended["heard"]) == ("ended", True)


async def test_a_message_that_nobody_waits_for_is_noted_and_moves_nothing(shop: Shop) -> None:
    trial = await phone(
        shop,
        draft(
            step("w", "wait", {"duration": {"value": 1, "unit": "days"}}, next="c"),
            step("c", "add_comment", {"text": "$contact.last_message"}),
        ),
    )
    await trial.move(do="begin")
    assert (await trial.move(do="answer", text="anybody there?"))["heard"] is False
    done = await trial.move(do="time")
    assert [each["words"] for each in done["trail"][-1]["effects"]] == ["Comment “anybody there?”"]


@pytest.mark.behaviour(346)
async def test_a_state_that_is_not_ours_is_refused(shop: Shop, other_shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    await trial.move(do="begin")
    genuine = trial.state
    theirs = await phone(other_shop, WELCOME)
    for token in ("", "nonsense", "ä", genuine[:-8] + "AAAAAAA=", "A" * 599_999):
        trial.state = token
        refused = await trial.ask(do="time")
        assert (refused.status_code, refused.json()["words"]) == (422, "This test has ended. Start again."), token[:20]
    theirs.state = genuine
    assert (await theirs.ask(do="time")).status_code == 422


async def test_a_step_that_was_deleted_meanwhile_is_told(shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    await trial.move(do="begin")
    trial.definition = draft(step("c", "add_comment", {"text": "x"}))
    refused = await trial.ask(do="answer", text="hello")
    assert (refused.status_code, "Start again" in refused.json()["words"]) == (422, True)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"nonsense",
        b'{"definition": {"steps": 3}, "move": {"do": "begin"}}',
        b'{"definition": {}, "move": {"do": "dance"}}',
        b'{"definition": {}, "move": {"do": "begin", "contact_id": 99999999999999999999}}',
        b'{"definition": {}, "move": {"do": "begin", "made_up": {"fields": {"nosuch": "x"}}}}',
        b'{"definition": {}, "move": {"do": "begin", "made_up": {"fields": {"email": "x"}}}}',
        b'{"definition": {}, "move": {"do": "begin", "made_up": {"stage_id": 99}}}',
        b'{"definition": {}, "move": {"do": "begin", "at": "9999-12-31T23:59:59-12:00"}}',
        b'{"definition": {}, "move": {"do": "begin", "at": "0001-01-01T00:00:00+12:00"}}',
        b'{"definition": {}, "move": {"do": "answer", "location": [900, 0]}, "state": ""}',
    ],
)
async def test_nonsense_is_refused_in_words(shop: Shop, body: bytes) -> None:
    trial = await phone(shop, WELCOME)
    answer = await trial.browser.post(trial.address, content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text


async def test_agents_have_no_test_mode(shop: Shop) -> None:
    trial = await phone(shop, WELCOME)
    agent = await shop.browser(shop.world.agent)
    assert (await agent.post(trial.address, json={"definition": WELCOME, "move": {"do": "begin"}})).status_code == 403
