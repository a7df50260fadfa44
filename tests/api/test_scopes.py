"""A token does what its scopes say and nothing else."""

import httpx
import pytest
from starlette.applications import Starlette

from ismessenger.accounts.tokens import SCOPES, create_token
from ismessenger.api.routes import routes
from tests.conftest import World

CALLS = {
    ("POST", "/contact/list"): "contacts:read",
    ("GET", "/contact/id:1"): "contacts:read",
    ("GET", "/contact/id:1/channels"): "contacts:read",
    ("POST", "/contact/email:new@example.com"): "contacts:write",
    ("GET", "/contact/id:1/message/1"): "messages:read",
    ("GET", "/contact/id:1/message/list"): "messages:read",
    ("POST", "/contact/id:1/message"): "messages:write",
    ("POST", "/contact/id:1/conversation/assignee"): "conversations:write",
    ("POST", "/contact/id:1/conversation/status"): "conversations:write",
}


def test_every_path_of_the_api_is_in_this_list() -> None:
    assert len(CALLS) == len(routes)


@pytest.mark.behaviour(133)
@pytest.mark.parametrize("scope", SCOPES)
async def test_a_token_with_one_scope_reaches_the_paths_of_that_scope_only(world: World, app: Starlette, scope: str) -> None:
    token = await create_token(world.installation, world.workspace_id, "tests", scopes=[scope])
    headers = {"Authorization": f"Bearer {token}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080/v2", headers=headers) as http:
        for (method, path), needed in CALLS.items():
            answer = await http.request(method, path, json={} if method == "POST" else None)
            if needed == scope:
                assert answer.status_code not in {401, 403, 405, 500}, (method, path)
            else:
                assert answer.status_code == 403, (method, path)
                assert answer.json() == {"code": 403, "message": f"This API token lacks the scope {needed}."}
                assert answer.headers["X-RateLimit-Limit"] == "5"
