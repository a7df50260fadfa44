"""The frame around every signed-in page."""

from redis.exceptions import RedisError

from ismessenger.accounts.rights import Right, may
from ismessenger.web import shown
from ismessenger.web.edge import Visit
from ismessenger.web.view import Shell


async def live_seq(visit: Visit) -> str:
    """Where the workspace's stream ends. Ask before the page's queries; empty, which makes the page refresh, while Redis is away."""
    try:
        position: str = await visit.request.app.state.feed.position(visit.signed_in.workspace.id)
    except (RedisError, OSError):
        return ""
    return position


def shell_of(visit: Visit, seq: str) -> Shell:
    """Navigation, names and the position of the live stream."""
    return Shell(
        workspace_name=visit.signed_in.workspace.name,
        member=shown.oneself(visit.member),
        live_seq=seq,
        places=("inbox", "settings") if may(visit.member, Right.SETTINGS) else ("inbox",),
    )
