"""What a crowd said: five messages of each contact, with words of known rarity and a thread that is long."""

from typing import Final

from benchmarks.crowd import Crowd
from benchmarks.place import Place

EACH: Final = 5
COMMON, SELDOM, UNIQUE = "please", "refund", "unicorn"
"""Said in every second message, in one of ten thousand, and five times in all."""

_INDEX: Final = "SELECT pg_get_indexdef('store.message_search_idx'::regclass)"
_MESSAGES: Final = """
    INSERT INTO store.message (workspace_id, contact_id, channel_id, traffic, kind, body, words, source, status, reactions, sent_at,
        created_at)
    SELECT $1, n.id, $2, CASE WHEN turn % 2 = 0 THEN 'outgoing' ELSE 'incoming' END, 'text', '{}',
        concat_ws(' ', 'order', at, 'of', md5(at::text), 'for', left(md5((at % 9973)::text), 6), CASE WHEN at % 2 = 0 THEN $5 END,
            CASE WHEN at % 10000 = 7 THEN $6 END, CASE WHEN n.place = 9 THEN $7 END),
        'contact', 'received', '{}', now() - ($3 * $4 - at) * interval '5 seconds', now() - ($3 * $4 - at) * interval '5 seconds'
    FROM generate_series(1, $4::int) AS turn,
        LATERAL (SELECT id, row_number() OVER (ORDER BY id) AS place FROM store.contact WHERE workspace_id = $1) AS n,
        LATERAL (SELECT (turn - 1) * $3::bigint + n.place AS at) AS t
    ORDER BY at
"""


async def said(here: Place, crowds: list[Crowd]) -> None:
    """Five messages of everybody. The index of words is made again afterwards, which takes a fifth of the time."""
    index = await here.owner.fetchval(_INDEX)
    await here.owner.execute("DROP INDEX store.message_search_idx")
    for one in crowds:
        await here.owner.execute(_MESSAGES, one.line.workspace_id, one.line.channel_id, one.count, EACH, COMMON, SELDOM, UNIQUE)
    await here.owner.execute(index)
