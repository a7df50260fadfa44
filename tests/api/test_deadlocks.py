"""Two transactions that wait for each other: the database takes one back, and the caller never hears of it."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from tests.api.conftest import Api
from tests.taken_back import taken_back


@pytest.fixture
async def unlucky(api: Api, request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """The database takes back the first transactions of the workspace that write a line of the timeline."""
    async with taken_back(api.world, request.param):
        yield


@pytest.mark.behaviour(386)
@pytest.mark.parametrize(("unlucky", "status", "events"), [(2, 200, 1), (3, 503, 0)], indirect=["unlucky"])
@pytest.mark.usefixtures("unlucky")
async def test_a_call_that_the_database_took_back_is_carried_out_again(api: Api, status: int, events: int) -> None:
    async with api.world.installation.tenancy.workspace(api.world.workspace_id) as db:
        member_id = (await db.execute(text("SELECT min(id) FROM member"))).scalar_one()
        await db.execute(
            text("INSERT INTO contact (first_name, status, created_at, created_source) VALUES ('Ada', 'closed', now(), 'api')")
        )
        id_ = (await db.execute(text("SELECT max(id) FROM contact"))).scalar_one()
    answer = await api.http.post(f"/contact/id:{id_}/conversation/assignee", json={"assignee": member_id})
    assert answer.status_code == status, answer.text
    async with api.world.installation.tenancy.reading(api.world.workspace_id) as db:
        assert (await db.execute(text("SELECT count(*) FROM event WHERE kind = 'contact.assigned'"))).scalar_one() == events
