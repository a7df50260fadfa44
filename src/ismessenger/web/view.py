"""What the templates take: plain values, made by queries and by jobs. No template reads a row, the request or the database.

Times are aware UTC datetimes. ``at_ms`` of a template is the same time in milliseconds since 1970. Ids are the numbers that the API
shows. Everything is rendered for the workspace, not for one member, unless it says otherwise: so one rendering can be streamed to all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ismessenger.accounts.rights import OrganizationRight, Right
from ismessenger.kit import clock
from ismessenger.sdk.channel import MessageTag
from ismessenger.sdk.content import Content, MediaKind, Text
from ismessenger.web.inboxes.place import Place as ListPlace
from ismessenger.web.view_compose import DraftsView, ScheduledList
from ismessenger.web.view_contact import ContactView, StageView

Place = Literal["inbox", "contacts", "broadcasts", "workflows", "reports", "settings"]
Filter = Literal["open", "closed", "snoozed"]
Presence = Literal["online", "busy", "offline"]
Status = Literal["received", "queued", "sending", "sent", "delivered", "read", "failed", "unconfirmed"]
SenderKind = Literal["contact", "user", "workflow", "broadcast", "api", "bot", "ai_agent", "echo", "zapier", "make", "n8n"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A member of the workspace, as shown to the others. Without a picture ``picture_url`` is empty."""

    id: int
    name: str
    role: Literal["owner", "manager", "agent"] = "agent"
    presence: Presence = "offline"
    picture_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationView:
    """An organization as its sidebar shows it. ``pages`` are the settings that this person may open; ``logo_url`` may be empty."""

    id: int
    name: str
    logo_url: str = ""
    pages: Sequence[OrganizationRight] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """What the frame around every signed-in page shows. ``places`` are the areas that this member may open, ``rights`` what they may do.

    ``live_seq`` is the position of the workspace's stream, read *before* the page's queries: what came later is replayed onto the page.
    ``organization`` is the workspace's. ``unconfirmed_email`` is the person's address as long as it is not confirmed.
    """

    workspace_id: int = 0
    workspace_name: str
    member: MemberView
    live_seq: str
    organization: OrganizationView | None = None
    places: Sequence[Place] = ("inbox", "contacts", "settings")
    rights: frozenset[Right] = frozenset(Right)
    unconfirmed_email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One contact in a list of the inbox. Rendered for everybody: whether it is unread is found out by the browser.

    ``words`` are the last message's words, empty for a bare file, where ``kind`` speaks. ``read_id`` is the newest message id that the
    member who asked for the page has read; leave it out in streams. ``version`` grows with every change (the row's updated time in
    milliseconds does): an older rendering never replaces a newer one. ``at`` is the last message's time; of a contact that is ``silent``,
    which never exchanged one, when it was made. ``team_id`` is the assignee's. The facts below decide which lists show the card.
    """

    contact_id: int
    name: str
    channel_kind: str
    channel_name: str
    at: datetime
    words: str = ""
    kind: Literal["text", "image", "video", "audio", "file", "location", "contact", "event", "other"] = "text"
    direction: Literal["in", "out"] = "in"
    assignee: MemberView | None = None
    status: Filter = "open"
    last_incoming_id: int = 0
    read_id: int | None = None
    failed: bool = False
    stage: StageView | None = None
    version: int = 0
    team_id: int | None = None
    opened_at: datetime | None = None
    snoozed_until: datetime | None = None
    unreplied: bool = False
    silent: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxLink:
    """A line of the sidebar. ``name`` is what addresses call the inbox: ``team-3``; ``words`` are empty where that says enough.

    Of custom inboxes ``mine`` says whose it is, and ``owner`` is the name of somebody else.
    """

    name: str
    words: str = ""
    emoji: str = ""
    description: str = ""
    mine: bool = False
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidebarView:
    """The inboxes of one member. ``own_team`` is the name of that of the member's team, or empty."""

    standing: Sequence[InboxLink]
    stages: Sequence[InboxLink] = ()
    teams: Sequence[InboxLink] = ()
    custom: Sequence[InboxLink] = ()
    blocked: bool = False
    own_team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomView:
    """A custom inbox whose list is shown. ``sharing`` is private, public or shared; ``owner`` whoever made it.

    ``faults`` are sentences about what is broken in its condition.
    """

    id: int
    name: str
    mine: bool
    deletable: bool
    sharing: str = "private"
    description: str = ""
    owner: str = ""
    faults: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage:
    """One page of a list. ``before`` is the cursor that asked for it, ``older`` the cursor of the next page.

    ``title`` is empty where the name of the inbox says enough.
    """

    place: ListPlace
    cards: Sequence[Card]
    before: str | None = None
    older: str | None = None
    title: str = ""
    emoji: str = ""
    custom: CustomView | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sent something. ``id`` is the member's or contact's; ``name`` the person's, workflow's or bot's name."""

    kind: SenderKind
    name: str
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A stored file. ``url`` is ours; ``reason`` says why a file will never come. ``size_bytes`` is None while nobody knows it."""

    kind: MediaKind
    state: Literal["ready", "fetching", "failed"] = "ready"
    url: str = ""
    name: str = ""
    mime: str = ""
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The message that another one answers. ``words`` may be empty for a bare file."""

    message_id: int
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    emoji: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message of a thread. ``file`` belongs to a content of type attachment.

    ``at`` is the provider's time, which orders the thread; ``status_at`` when the status was reached. ``retry`` is "retry" for a failed
    message that may be tried again, "send_again" for an unconfirmed one, None where trying again is senseless. ``client_id`` is the
    browser's name for it. ``version`` as in `Card`. For ``undo_ms`` from now whoever sent it can take it back.
    """

    id: int
    contact_id: int
    direction: Literal["in", "out"]
    at: datetime
    sender: Sender
    content: Content
    channel_kind: str
    channel_name: str
    file: FileView | None = None
    status: Status = "received"
    status_at: datetime | None = None
    reason: str = ""
    retry: Literal["retry", "send_again"] | None = None
    client_id: str | None = None
    reply_to: Quote | None = None
    reactions: Sequence[Reaction] = ()
    edited_at: datetime | None = None
    undo_ms: int = 0
    version: int = 0
    type: Literal["message"] = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentView:
    """An internal note. ``text`` is neutral Markdown in which ``{{@user.7}}`` stands for one of the ``names``."""

    id: int
    contact_id: int
    at: datetime
    author: MemberView
    text: str
    names: Mapping[int, str] = field(default_factory=dict)
    client_id: str | None = None
    version: int = 0
    type: Literal["comment"] = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """Something that happened, told in one line. ``actor`` is None for the system; ``subject`` is who or what it happened to.

    ``subject`` is the new assignee, the workflow, the channel, the tag, the fields, the stage, the other contact, or why a snooze ended, as
    ``kind`` says; ``detail`` a closing note's words; ``until`` when a snooze ends. ``run_url`` leads whoever may open workflows to the run.
    """

    id: int
    contact_id: int
    at: datetime
    kind: Literal[
        "contact_created",
        "conversation_opened",
        "conversation_closed",
        "closed_by_itself",
        "closing_undone",
        "snoozed",
        "unsnoozed",
        "assigned",
        "unassigned",
        "channel_connected",
        "channel_removed",
        "tag_added",
        "tag_removed",
        "field_changed",
        "stage_changed",
        "stage_left",
        "merged",
        "address_added",
        "address_removed",
        "blocked",
        "unblocked",
        "workflow_started",
        "workflow_done",
        "workflow_failed",
        "workflow_left",
        "happened",
    ]
    actor: Sender | None = None
    subject: str = ""
    detail: str = ""
    until: datetime | None = None
    run_url: str = ""
    type: Literal["event"] = "event"


TimelineItem = MessageView | CommentView | EventView


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """A stretch of a thread, oldest first. ``before`` is the cursor that asked for it, ``older`` the cursor of what came before.

    ``after`` and ``newer`` are the same the other way. ``landing`` is the id of the element that the thread opens at, empty for its end.
    """

    contact_id: int
    items: Sequence[TimelineItem]
    before: str | None = None
    older: str | None = None
    after: str | None = None
    newer: str | None = None
    landing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderView:
    """The bar above a thread. ``conversation_id`` is the open or the last conversation's, None if there never was one."""

    contact_id: int
    name: str
    channel_kind: str
    channel_name: str
    status: Literal["open", "snoozed", "closed"]
    conversation_id: int | None = None
    assignee: MemberView | None = None
    blocked: bool = False
    snoozed_until: datetime | None = None
    stage: StageView | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerChannel:
    """A channel that this contact can be written to on. ``state``, ``until``, ``tags`` and ``words`` are `sdk.channel.Permission`'s.

    ``after`` says what may still be sent once an open window has shut.
    """

    id: int
    kind: str
    name: str
    state: Literal["open", "tag", "template", "closed"] = "open"
    until: datetime | None = None
    tags: Sequence[MessageTag] = ()
    words: str = ""
    after: str = ""
    text_length: int = 4096
    max_bytes: Mapping[MediaKind, int] = field(default_factory=dict)
    reply_to: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerView:
    """Where an answer is written. ``channels`` start with the last used one; empty: nothing can be sent."""

    contact_id: int
    channels: Sequence[ComposerChannel]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """One contact's conversation as a page shows it to ``member``.

    ``read_id`` is the newest message this member has read, so that the browser can mark what is new. ``seq`` as in `Shell`.
    ``shortcuts``: the member may begin some.
    """

    header: HeaderView
    timeline: TimelinePage
    composer: ComposerView
    contact: ContactView
    member: MemberView
    seq: str
    read_id: int = 0
    drafts: DraftsView = field(default_factory=DraftsView)
    scheduled: ScheduledList | None = None
    shortcuts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxView:
    """The inbox page of one member: all inboxes, the list of one, and the thread chosen in it.

    ``closing`` is what whoever closes a conversation is asked for.
    """

    page: CardPage
    sidebar: SidebarView
    seq: str
    member_id: int
    thread: ThreadView | None = None
    closing: Literal["optional", "category", "both", "off"] = "optional"


def pending_message(contact_id: int, member: MemberView) -> MessageView:
    """The bubble that a browser shows for a reply until the real one comes."""
    return MessageView(
        id=0,
        contact_id=contact_id,
        direction="out",
        at=clock.now(),
        sender=Sender(kind="user", name=member.name, id=member.id),
        content=Text(text=""),
        channel_kind="",
        channel_name="",
        status="queued",
    )


def pending_comment(contact_id: int, member: MemberView) -> CommentView:
    """The bubble that a browser shows for a comment until the real one comes."""
    return CommentView(id=0, contact_id=contact_id, at=clock.now(), author=member, text="")
