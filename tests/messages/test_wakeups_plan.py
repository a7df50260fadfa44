"""What arrives costs no more where many conversations wait to close by themselves."""

from sqlalchemy import text

from tests.messages.conftest import Line

_FILL = (
    "INSERT INTO contact (first_name, status, created_at, created_source, tag_ids, fields)"
    " SELECT 'P' || n, 'open', now(), 'contact', '{}', '{}' FROM generate_series(1, 20000) AS n"
)
_WAIT = (
    "INSERT INTO wakeup (kind, contact_id, subject_id, due_at, attempt)"
    " SELECT 'auto_close', id, 0, now() + interval '1 day', 0 FROM contact"
)
_CANCEL = (
    "EXPLAIN WITH n AS MATERIALIZED (SELECT * FROM unnest(CAST(:contacts AS bigint[]), CAST(:received AS int[])) AS n(contact, received))"
    " DELETE FROM wakeup USING n WHERE wakeup.contact_id = n.contact AND kind = 'auto_close' AND n.received > 0"
)


async def test_cancelling_reads_the_wakeups_of_those_who_wrote_alone(line: Line) -> None:
    async with line.world.installation.tenancy.workspace(line.world.workspace_id) as db:
        await db.execute(text(_FILL))
        await db.execute(text(_WAIT))
        ids = list((await db.execute(text("SELECT id FROM contact ORDER BY id LIMIT 100"))).scalars())
        plan = "\n".join((await db.execute(text(_CANCEL), {"contacts": ids, "received": [1] * len(ids)})).scalars())
        await db.rollback()
    assert "wakeup_workspace_id_contact_id_kind_subject_id_key" in plan, plan
    assert "Seq Scan on wakeup" not in plan, plan
