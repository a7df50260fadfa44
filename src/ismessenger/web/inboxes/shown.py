"""From rows to what the templates of the sidebar take."""

from ismessenger.accounts.model import Member
from ismessenger.accounts.rights import OWNER
from ismessenger.conversations.custom import Line
from ismessenger.conversations.inboxes import Inbox, OpenInbox, Sidebar, inboxes_with_dot
from ismessenger.tenancy.doors import ReadSession
from ismessenger.web.view import CustomView, InboxLink, SidebarView


def sidebar_view(member: Member, inboxes: Sidebar) -> SidebarView:
    """All inboxes of a member."""
    own_team = next((inbox.name for inbox in inboxes_with_dot(member) if inbox.kind == "team"), "")
    return SidebarView(
        standing=[InboxLink(name=inbox.name) for inbox in inboxes.standing],
        stages=[InboxLink(name=Inbox("stage", stage.id).name, words=stage.name, emoji=stage.emoji) for stage in inboxes.stages],
        teams=[InboxLink(name=Inbox("team", team.id).name, words=team.name, description=team.description) for team in inboxes.teams],
        custom=[_custom(line) for line in inboxes.custom],
        blocked=inboxes.blocked,
        own_team=own_team,
    )


async def custom_view(db: ReadSession, member: Member, opened: OpenInbox) -> CustomView | None:
    """What is said about a custom inbox above its list."""
    row = opened.custom
    if row is None:
        return None
    mine = row.owner_id == member.id
    owner: Member | None = None if mine else await db.get(Member, (db.workspace_id, row.owner_id))
    abandoned = not mine and (owner is None or owner.removed_at is not None)
    return CustomView(
        id=row.id,
        name=row.name,
        mine=mine,
        deletable=mine or (abandoned and member.role == OWNER),
        sharing=row.sharing,
        description=row.description,
        owner=owner.name if owner else "",
        faults=opened.faults,
    )


def _custom(line: Line) -> InboxLink:
    return InboxLink(
        name=Inbox("custom", line.id).name,
        words=line.name,
        emoji=line.emoji,
        description=line.description,
        mine=line.mine,
        owner="" if line.mine else line.owner_name,
    )
