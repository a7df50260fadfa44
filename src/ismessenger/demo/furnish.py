"""What the people of the demo shop have set up for themselves: teams, closing categories, snippets, saved inboxes, reminders."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, text
from sqlmodel import col

from ismessenger.accounts.model import Member
from ismessenger.accounts.teams import TeamDraft, add_team
from ismessenger.conditions.tree import Duration, Group, Leaf
from ismessenger.contacts.model import Contact
from ismessenger.conversations.closing_categories import CategoryDraft, add_category
from ismessenger.conversations.custom import InboxDraft, add_inbox
from ismessenger.conversations.snooze import snooze_contacts
from ismessenger.demo.labels import Labels
from ismessenger.demo.script import CLOSINGS
from ismessenger.kit.clock import now
from ismessenger.messages.snippets import SnippetDraft, add_snippet
from ismessenger.tenancy.doors import WriteSession

SNIPPETS = (
    SnippetDraft("Greeting", "Hi {{$contact.firstname|there}}, thanks for writing to {{$workspace.name}}!", "hello", ("Everyday",)),
    SnippetDraft("Opening hours", "We are open Monday to Friday from 9 to 18 and on Saturday from 10 to 16.", "hours", ("Everyday",)),
    SnippetDraft(
        "Book a service", "Which day suits you? A service takes a day; please bring the bike before 10.", "service", ("Workshop",)
    ),
    SnippetDraft(
        "How to return", "No problem: send it back within 30 days. The label is in your order confirmation.", "return", ("Orders",)
    ),
    SnippetDraft("Where is my order", "Let me check. Could you send me the order number?", "order", ("Orders",)),
)
SNOOZED = (5, 17, 29)
"""Which of the open conversations, from the newest, somebody looks at again later."""

_NAMED = text("UPDATE conversation SET category_id = c.id FROM closing_category c WHERE c.name = conversation.category")


async def furnish(db: WriteSession, members: Sequence[Member], labels: Labels) -> None:
    """Make it all, once contacts and conversations are there."""
    owner, manager, agent = members
    await add_team(db, TeamDraft("Shop floor", "Answers about bikes and orders", (owner.id, agent.id)))
    await add_team(db, TeamDraft("Workshop", "Repairs and services", (manager.id,)))
    for category, _summary in CLOSINGS:
        await add_category(db, CategoryDraft(category))
    await db.execute(_NAMED)
    for draft in SNIPPETS:
        await add_snippet(db, draft, owner_id=None, by=manager.id)
    for owned, inbox in ((manager, _in_the_workshop(labels)), (owner, _waiting_long(labels))):
        await add_inbox(db, owned, inbox)
    await _snooze_some(db, agent)


def _in_the_workshop(labels: Labels) -> InboxDraft:
    condition = Group(items=(Leaf(category="contactTag", operator="hasAnyOf", value=[labels.tags[0]]),))
    return InboxDraft("In the workshop", condition, "Bikes that are with us for repair", "🔧", "public")


def _waiting_long(labels: Labels) -> InboxDraft:
    condition = Group(
        items=(
            Leaf(category="timeSinceLastIncomingMessage", operator="isGreaterThan", value=Duration(value=1, unit="hours")),
            Leaf(category="lifecycle", operator="hasAnyOf", value=list(labels.stages[:2])),
        )
    )
    return InboxDraft("Leads that wait", condition, "Nobody should wait for more than an hour", "⏳")


async def _snooze_some(db: WriteSession, agent: Member) -> None:
    statement = select(col(Contact.id)).where(col(Contact.status) == "open").order_by(col(Contact.last_message_at).desc())
    still_open = (await db.execute(statement)).scalars().all()
    for days, index in enumerate(SNOOZED, start=1):
        await snooze_contacts(db, [still_open[index]], now() + timedelta(days=days), by=agent.id)
