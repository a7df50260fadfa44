"""A workspace full of contacts, made by the owner of the tables in one statement: names that repeat, tags and values of known rarity."""

from dataclasses import dataclass

from benchmarks.place import Line, Place

RARE, SOME, HALF = "rare", "some", "half"
SHARES = {RARE: 10_000, SOME: 100, HALF: 2}
"""Tags, by one contact in how many has them."""

_STARTS = "an be chri da el fra ga han i jo ka lu ma ni o pe ro sa to ul va wil xa yu ze al bo cla dor em fe gre hel in ju ki le mi no os"
_ENDS = (
    "na ro ta lin mar son ker bert la do ri wen tor bel nik sam lo vi ger hof stein berg feld ler ner mann berger ling ke ka ski ova elli"
)
_CONTACTS = """
    INSERT INTO store.contact (workspace_id, first_name, last_name, phone, email, language, country_code, status, created_at,
        created_source, last_message_at, last_incoming_at, tag_ids, fields, preview, preview_traffic, opened_at)
    SELECT $1, initcap(starts[1 + n * 7 % cardinality(starts)] || ends[1 + n * 13 % cardinality(ends)]),
        initcap(ends[1 + n * 17 % cardinality(ends)] || starts[1 + n / 40 % cardinality(starts)] || ends[1 + n / 1600 % cardinality(ends)]),
        '+4930' || lpad((n::bigint * 48271 % 100000007)::text, 8, '0'), 'person' || n || '@example.com', 'en',
        CASE WHEN n % 3 = 0 THEN 'DE' ELSE 'MY' END,
        CASE WHEN n % 20 = 0 THEN 'open' ELSE 'closed' END, now() - n * interval '1 minute', 'contact',
        now() - (n % 7919) * interval '7 minutes', CASE WHEN n % 4 <> 0 THEN now() - (n % 7919) * interval '7 minutes' END,
        CASE WHEN n % 10000 = 0 THEN ARRAY[$3::bigint, $4, $5] WHEN n % 100 = 0 THEN ARRAY[$4::bigint, $5]
            WHEN n % 2 = 0 THEN ARRAY[$5::bigint] ELSE '{}' END,
        CASE WHEN n % 5 = 0 THEN jsonb_build_object($6::text, 'Town ' || n % 500) ELSE '{}' END, 'Hello', 'incoming',
        CASE WHEN n % 20 = 0 THEN now() - (n % 7907) * interval '9 minutes' END
    FROM generate_series(1, $2::int) AS n, (SELECT string_to_array($7, ' ') AS starts, string_to_array($8, ' ') AS ends) AS syllables
"""


@dataclass(frozen=True)
class Somebody:
    """One of the contacts, the same in every crowd."""

    name: str
    phone: str


@dataclass(frozen=True)
class Crowd:
    """A workspace, the ids of its tags by their rarity, the id of its one custom field, and one of its people."""

    line: Line
    count: int
    tags: dict[str, int]
    field_id: int
    somebody: Somebody


async def crowd(here: Place, count: int) -> Crowd:
    """A new workspace of so many contacts. The planner knows them when this returns."""
    [line] = await here.lines(1)
    tag = "INSERT INTO store.tag (workspace_id, name, description, emoji, color, created_at)"
    tag += " VALUES ($1, $2, '', '', 'grey', now()) RETURNING id"
    tags = {name: await here.owner.fetchval(tag, line.workspace_id, name) for name in SHARES}
    field_id = await here.owner.fetchval(
        "INSERT INTO store.contact_field (workspace_id, slug, name, description, type, options, position, visible, agent_access, standard,"
        " created_at) VALUES ($1, 'town', 'Town', '', 'text', '[]', 0, true, 'edit', false, now()) RETURNING id",
        line.workspace_id,
    )
    await here.owner.execute(_CONTACTS, line.workspace_id, count, *tags.values(), str(field_id), _STARTS, _ENDS)
    who = "SELECT first_name || ' ' || last_name AS name, phone FROM store.contact"
    who += " WHERE workspace_id = $1 AND email = 'person5001@example.com'"
    return Crowd(line, count, tags, field_id, Somebody(**await here.owner.fetchrow(who, line.workspace_id)))
