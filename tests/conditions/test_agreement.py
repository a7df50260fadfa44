"""SQL and memory give the same answer about every contact: generated contacts, generated conditions, every time zone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.conditions.broken import broken
from ismessenger.conditions.compile import compile_condition
from ismessenger.conditions.evaluate import matches
from ismessenger.conditions.resolve import sought_words
from ismessenger.conditions.tree import Category, Group, parse
from ismessenger.conditions.vocabulary import KIND_OF_CATEGORY, KIND_OF_TYPE, OPERATORS, Kind
from ismessenger.conditions.words import lexemes_of, plain
from ismessenger.contacts.facts import facts_of
from ismessenger.contacts.model import Contact, ContactChannel
from ismessenger.contacts.said import who_said
from ismessenger.installation import Installation
from ismessenger.kit.text import clean
from ismessenger.messages.model import Message
from ismessenger.tenancy.doors import WriteSession
from tests.conditions.workspace import OPTIONS, Place, lay_place
from tests.conftest import make_world

NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
ZONES = ("UTC", "Asia/Kuala_Lumpur", "America/New_York", "Asia/Kathmandu", "Africa/Cairo", "Pacific/Apia", "No/Where")
SAID = (
    "Ada",
    "ada",
    "ÄDA",
    "äda lovelace",
    "50% off_",
    "back\\slash",
    "İstanbul",
    "istanbul",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "Straße",
    "\N{REPLACEMENT CHARACTER}",
    "a red lamp, and a lampshade",
    "lamp",
    "你好吗 ada",
    "好",
    "吗你",
    "สวัสดี 안녕하세요",
    "x" * 45,
)

words = st.one_of(
    st.sampled_from(SAID),
    st.text("%_aA\\", min_size=1, max_size=3),
    st.text(st.characters(min_codepoint=1, max_codepoint=0x2FFF), min_size=1, max_size=4),
)
phones = st.sampled_from(("+60123456789", "+60 12-345 6789", "+4930123", "012"))
emails = st.sampled_from(("Ada@Example.com", "ada@example.com", "bo@example.com", "JÖ@example.com", "jö@example.com"))
countries = st.sampled_from(("MY", "my", "DE"))
numbers = st.one_of(st.sampled_from((0, 1, 1.0, 0.1, 0.5, -3, 2**53, 1e-7, 123456789.25)), st.integers(-5, 5), st.floats(-10, 10))
days = st.dates(date(2026, 3, 25), date(2026, 4, 1)).map(str)
times = st.times().map(lambda at: at.strftime("%H:%M"))
moments = st.integers(0, 4 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
written_moments = st.one_of(days, moments.map(lambda at: at.isoformat()), moments.map(lambda at: at.strftime("%Y-%m-%dT%H:%M")))
durations = st.builds(lambda value, unit: {"value": value, "unit": unit}, st.integers(0, 72), st.sampled_from(("minutes", "hours", "days")))
junk = st.sampled_from((True, 7, "junk", 1.5, {"value": 1, "unit": "days"}))

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": words,
    "list": st.sampled_from(OPTIONS),
    "checkbox": st.booleans(),
    "email": emails,
    "number": numbers,
    "url": words.map(lambda path: f"https://example.com/{path}"),
    "date": days,
    "time": times,
}
STANDARD = {"firstName": words, "lastName": words, "phone": phones, "email": emails, "language": st.just("en"), "countryCode": countries}
ATTRIBUTES = dict(zip(STANDARD, ("first_name", "last_name", "phone", "email", "language", "country_code"), strict=True))


@pytest.fixture(scope="module")
async def place(installation: Installation) -> Place:
    return await lay_place(await make_world(installation))


def contacts(place: Place) -> st.SearchStrategy[dict[str, Any]]:
    def perhaps(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.none() | strategy

    held = {key: VALUES[type_] for key, type_ in place.fields}
    row = {
        **{ATTRIBUTES[slug]: perhaps(strategy) for slug, strategy in STANDARD.items()},
        "fields": st.fixed_dictionaries({}, optional=held),
        "tag_ids": st.sets(st.sampled_from(place.tags), max_size=3).map(sorted),
        "lifecycle_id": perhaps(st.sampled_from(place.stages[:-1])),
        "last_channel_id": perhaps(st.sampled_from(place.channels)),
        "assignee_id": perhaps(st.sampled_from(place.members)),
        "status": st.sampled_from(("open", "closed")),
        "blocked_at": perhaps(st.just(NOW)),
        "created_at": moments,
        "last_incoming_at": perhaps(moments),
    }
    beside = {"channels": st.sets(st.sampled_from(place.channels)), "said": st.lists(words, max_size=2)}
    return st.fixed_dictionaries({"row": st.fixed_dictionaries(row)} | beside)


def leaves(place: Place) -> st.SearchStrategy[dict[str, Any]]:
    custom = [(key, KIND_OF_TYPE[type_], VALUES[type_]) for key, type_ in place.fields]
    standard = [(slug, place.known.fields[slug].kind, strategy) for slug, strategy in STANDARD.items()]
    named: dict[Category, st.SearchStrategy[Any]] = {
        "contactTag": st.sampled_from(place.tags),
        "lifecycle": st.sampled_from(place.stages),
        "channel": st.sampled_from(place.channels),
        "lastInteractedChannel": st.sampled_from(place.channels),
        "assignee": st.sampled_from(place.members),
        "team": st.sampled_from(place.teams),
        "conversationStatus": st.sampled_from(("open", "closed", "snoozed", "blocked")),
        "createdTime": written_moments,
        "timeSinceLastIncomingMessage": durations,
        "messageText": words,
    }
    of_fields = [_leaf({"category": "contactField", "field": key}, kind, values) for key, kind, values in (*custom, *standard)]
    return st.one_of(*of_fields, *(_leaf({"category": category}, KIND_OF_CATEGORY[category], values) for category, values in named.items()))


@st.composite
def _leaf(draw: st.DrawFn, subject: dict[str, str], kind: Kind, values: st.SearchStrategy[Any]) -> dict[str, Any]:
    operator = draw(st.sampled_from(OPERATORS[kind]))
    of_time = kind in {"moment", "since"} and operator in {"isGreaterThan", "isLessThan", "isBetween"}
    value = durations if of_time else written_moments if kind == "date" else values
    if draw(st.integers(0, 40)) == 0:
        value = junk
    match operator:
        case "exists" | "doesNotExist":
            return {**subject, "operator": operator}
        case "isBetween" | "isTimestampBetween":
            return {**subject, "operator": operator, "value": draw(st.lists(value, min_size=2, max_size=2))}
        case "hasAnyOf" | "hasAllOf" | "hasNoneOf":
            return {**subject, "operator": operator, "value": draw(st.lists(value, min_size=1, max_size=3))}
        case _:
            return {**subject, "operator": operator, "value": draw(value)}


def trees(place: Place) -> st.SearchStrategy[Group]:
    def grouped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.builds(lambda joiner, items: {joiner: items}, st.sampled_from(("$and", "$or")), st.lists(inner, max_size=3))

    leaf = leaves(place)
    return st.one_of(grouped(leaf), grouped(leaf), grouped(leaf | grouped(leaf)), grouped(leaf | grouped(leaf | grouped(leaf)))).map(parse)


async def lay(db: WriteSession, place: Place, people: Sequence[dict[str, Any]]) -> list[Contact]:
    rows = [Contact(**person["row"]) for person in people]
    db.add_all(rows)
    await db.flush()
    for row, person in zip(rows, people, strict=True):
        db.add_all(ContactChannel(contact_id=row.id, channel_id=channel, identifier=str(row.id)) for channel in person["channels"])
        for said in person["said"]:
            db.add(Message(contact_id=row.id, channel_id=place.channels[0], traffic="incoming", kind="text", words=said))
    await db.flush()
    return rows


@pytest.mark.behaviour(161)
@settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_sql_and_memory_agree(place: Place, data: st.DataObject) -> None:
    people = data.draw(st.lists(contacts(place), min_size=1, max_size=6), "contacts")
    alone = data.draw(st.lists(leaves(place), min_size=8, max_size=16), "leaves")
    conditions = [parse({"$and": [leaf]}) for leaf in alone] + data.draw(st.lists(trees(place), min_size=2, max_size=8), "conditions")
    known = replace(place.known, timezone=data.draw(st.sampled_from(ZONES), "time zone"))
    async with place.world.installation.tenancy.workspace(place.world.workspace_id) as db:
        rows = await lay(db, place, people)
        facts = await facts_of(db, rows, with_words=True)
        # The words of messages are asked of the index and of each contact's messages in turn.
        found = [
            await who_said(db, sought_words(condition, known, NOW)) if number % 2 else {} for number, condition in enumerate(conditions)
        ]
        clauses = [
            compile_condition(one, known, NOW, said).label(f"c{at}") for at, (one, said) in enumerate(zip(conditions, found, strict=True))
        ]
        answers = (await db.execute(select(col(Contact.id), *clauses).where(col(Contact.id).in_(facts)))).all()
        await db.rollback()
    assert len(answers) == len(people)
    for contact_id, *told in answers:
        for condition, answer in zip(conditions, told, strict=True):
            assert bool(answer) == matches(condition, facts[contact_id], known, NOW), condition
            event(f"matches: {bool(answer)}, broken: {bool(broken(condition, known))}")


@settings(max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(said=st.lists(words | st.text(max_size=60), min_size=20, max_size=40))
async def test_words_are_those_of_the_database(place: Place, said: list[str]) -> None:
    texts = [clean(one) for one in said]
    async with place.world.installation.tenancy.reading(place.world.workspace_id) as db:
        rows = (
            await db.execute(
                text("SELECT search_words(s), tsvector_to_array(search_lexemes(0, 0, s)) FROM unnest(CAST(:said AS text[])) AS s"),
                {"said": texts},
            )
        ).all()
    for written, (plainly, lexemes) in zip(texts, rows, strict=True):
        assert plain(written) == plainly
        assert {lexeme.removeprefix("0:0:") for lexeme in lexemes} - {""} == lexemes_of(plainly)
