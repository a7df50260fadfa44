"""A believable shop for the templates: a workspace, its members, a full inbox and one long thread with every kind of content."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args, get_type_hints

from ismessenger.accounts.rights import OrganizationRight
from ismessenger.sdk import content as c
from ismessenger.sdk.channel import MessageTag
from ismessenger.web.inboxes.place import Place as ListPlace
from ismessenger.web.view import (
    Card,
    CardPage,
    CommentView,
    ComposerChannel,
    ComposerView,
    EventView,
    FileView,
    HeaderView,
    InboxLink,
    InboxView,
    MemberView,
    MessageView,
    OrganizationView,
    Quote,
    Reaction,
    Sender,
    Shell,
    SidebarView,
    ThreadView,
    TimelineItem,
    TimelinePage,
)
from ismessenger.web.view_compose import ScheduledList
from ismessenger.web.view_contact import ChannelIdentity, ContactView, FieldView, StageView, TagView

NOW = datetime(2026, 3, 12, 14, 32, tzinfo=UTC)
MIRA = MemberView(id=1, name="Mira Okafor", role="owner", presence="online")
JONAS = MemberView(id=2, name="Jonas Weber", role="manager", presence="busy")
LEILA = MemberView(id=3, name="Leila Haddad", presence="online")
TOM = MemberView(id=4, name="Tom Brandt", presence="offline")
MEMBERS = (MIRA, JONAS, LEILA, TOM)
CHANNELS = {
    "website_chat": "Shop chat",
    "telegram": "Lumen on Telegram",
    "messenger": "Lumen Lamps",
    "custom_channel": "SMS gateway",
}
LUMEN = OrganizationView(id=1, name="Lumen Group", pages=tuple(OrganizationRight))
SHELL = Shell(workspace_id=1, workspace_name="Lumen Lamps", member=MIRA, live_seq="1773325900000-0", organization=LUMEN)
COUNTS = {"counts": {"all": "999+", "mine": "7", "unassigned": "12", "team-1": "9", "custom-1": "3"}, "news": "mine"}
SIDEBAR = SidebarView(
    standing=[InboxLink(name=name) for name in ("all", "mine", "unassigned")],
    stages=[InboxLink(name="stage-1", words="New Lead", emoji="🆕"), InboxLink(name="stage-2", words="Customer", emoji="🤝")],
    teams=[InboxLink(name="team-1", words="Sales"), InboxLink(name="team-2", words="Support", description="Everything after the order")],
    custom=[
        InboxLink(name="custom-1", words="Wholesale", emoji="🏬", mine=True),
        InboxLink(name="custom-2", words="Waiting for an answer from the workshop", owner="Jonas Weber"),
    ],
    blocked=True,
    own_team="team-1",
)

_PEOPLE = [
    ("Ada Nwosu", "telegram", 1, "in", "Perfect, thank you! Could you send it to my office address instead?", MIRA, True),
    ("Bo Lindqvist", "messenger", 4, "in", "Is the Halo pendant dimmable with a normal wall switch?", None, True),
    ("Carmen Ruiz", "website_chat", 9, "out", "Your parcel left our warehouse this morning, it should be there tomorrow.", MIRA, False),
    ("+49 151 2345678", "custom_channel", 17, "in", "", None, True),
    ("Dmitri Petrov", "telegram", 26, "in", "The glass shade arrived cracked, I have attached a photo", LEILA, False),
    ("Eleni Papadopoulou", "website_chat", 48, "out", "Gladly! We will keep the reservation until Friday.", JONAS, False),
    ("Farah Siddiqui", "messenger", 75, "in", "ok", MIRA, False),
    ("Visitor 4821", "website_chat", 130, "in", "Do you ship to Norway?", None, False),
    ("Giulia Conti", "telegram", 190, "out", "", TOM, False),
    ("Hugo Fontaine", "messenger", 60 * 26, "in", "Merci beaucoup", MIRA, False),
    ("Ines Carvalho", "website_chat", 60 * 30, "out", "You can return it within 30 days, no questions asked.", LEILA, False),
    ("Jun Watanabe", "custom_channel", 60 * 52, "in", "はい、お願いします", None, False),
    ("Katarzyna Wiśniewska-Brzęczyszczykiewicz", "messenger", 60 * 75, "in", "Dziękuję, to wszystko!", JONAS, False),
    ("Lars Holm", "telegram", 60 * 24 * 12, "out", "Thanks for your order.", MIRA, False),
]


def cards() -> list[Card]:
    return [_card(number, *person) for number, person in enumerate(_PEOPLE, start=1)]


def _card(number: int, name: str, kind: str, minutes: int, direction: str, words: str, assignee: MemberView | None, unread: bool) -> Card:
    return Card(
        contact_id=number,
        name=name,
        channel_kind=kind,
        channel_name=CHANNELS[kind],
        at=NOW - timedelta(minutes=minutes),
        words=words,
        kind="text" if words else "audio" if number == 4 else "image",
        direction="in" if direction == "in" else "out",
        assignee=assignee,
        last_incoming_id=number * 100,
        read_id=number * 100 - (1 if unread else 0),
        failed=number == 9,
        stage=STAGES[number % 3] if number % 4 else None,
    )


def contact_says(number: int, minutes: int, content: c.Content, **more: object) -> MessageView:
    arguments: dict[str, object] = {"sender": Sender(kind="contact", name="Ada Nwosu", id=1)} | more
    return MessageView(
        id=number,
        contact_id=1,
        direction="in",
        at=NOW - timedelta(minutes=minutes),
        content=content,
        channel_kind="telegram",
        channel_name=CHANNELS["telegram"],
        **arguments,  # type: ignore[arg-type]
    )


def we_say(number: int, minutes: int, content: c.Content, status: str = "read", **more: object) -> MessageView:
    at = NOW - timedelta(minutes=minutes)
    arguments: dict[str, object] = {"sender": Sender(kind="user", name=MIRA.name, id=MIRA.id)} | more
    return MessageView(
        id=number,
        contact_id=1,
        direction="out",
        at=at,
        content=content,
        channel_kind="telegram",
        channel_name=CHANNELS["telegram"],
        status=status,  # type: ignore[arg-type]
        status_at=at + timedelta(seconds=40),
        **arguments,  # type: ignore[arg-type]
    )


def _event(number: int, minutes: int, kind: str, **more: object) -> EventView:
    return EventView(id=number, contact_id=1, at=NOW - timedelta(minutes=minutes), kind=kind, **more)  # type: ignore[arg-type]


_YESTERDAY = 60 * 22
PICTURE = FileView(kind="image", url="/sample/lamp.svg", name="halo.jpg", mime="image/jpeg", size_bytes=182_000, width=640, height=420)


def conversation() -> list[TimelineItem]:
    """An ordinary exchange, as agents see it all day."""
    workflow = Sender(kind="workflow", name="Welcome")
    mira = Sender(kind="user", name=MIRA.name, id=MIRA.id)
    return [
        _event(1, _YESTERDAY + 6, "contact_created"),
        _event(2, _YESTERDAY + 6, "conversation_opened", actor=Sender(kind="contact", name="Ada Nwosu", id=1)),
        _event(3, _YESTERDAY + 5, "tag_added", subject="Wholesale", actor=workflow),
        contact_says(101, _YESTERDAY + 5, c.Text(text="Hi! I ordered two Halo pendants last week (order **#10482**).")),
        contact_says(102, _YESTERDAY + 4, c.Text(text="Has it shipped yet?")),
        we_say(103, _YESTERDAY + 4, c.Text(text="Welcome to Lumen. A person will be with you shortly."), sender=workflow),
        _event(4, _YESTERDAY + 2, "assigned", subject=MIRA.name, actor=mira),
        we_say(104, _YESTERDAY + 1, c.Text(text="Hello Ada, let me look that up for you.")),
        we_say(105, _YESTERDAY, c.Text(text="It leaves our warehouse today. You can follow it here:\nhttps://track.example.com/p/LM10482")),
        CommentView(
            id=1, contact_id=1, at=NOW - timedelta(minutes=42), author=JONAS, text="She also buys for two cafés in Lyon, be generous."
        ),
        contact_says(106, 12, c.Media(kind="image", caption="This is where they will hang"), file=PICTURE),
        contact_says(
            107,
            11,
            c.Text(text="Do they come with a longer cable?"),
            reply_to=Quote(message_id=104, name=MIRA.name, words="Hello Ada, let me look that up for you."),
        ),
        we_say(
            108,
            6,
            c.Text(text="They do: 1.5 m comes in the box, 3 m costs nothing extra. I have changed it in your order."),
            reactions=[Reaction(emoji="❤️", name="Ada Nwosu")],
        ),
        contact_says(109, 1, c.Text(text="Perfect, thank you! Could you send it to my office address instead?")),
    ]


def every_kind() -> list[TimelineItem]:
    """One of each content and of each state."""
    file = FileView(kind="file", url="/sample/invoice.pdf", name="Invoice 10482.pdf", mime="application/pdf", size_bytes=2_430_000)
    waiting = FileView(kind="video", state="fetching")
    gone = FileView(kind="image", state="failed", reason="The provider answered 404.")
    reply = c.Button(title="Track parcel", value="track")
    card = c.Card(title="Halo pendant", subtitle="Hand-blown glass, 28 cm", image_url="https://shop.example.com/halo.jpg", buttons=[reply])
    menu = c.Menu(
        text="What is it about?",
        button="Topics",
        sections=[c.Section(title="Orders", rows=[c.Row(title="Delivery", description="Where is it")])],
    )
    contents: list[c.Content] = [
        c.Location(latitude=45.764, longitude=4.8357, title="Café Lumière", address="12 Rue Mercière, Lyon"),
        c.SharedContact(name="Paul Martin", phones=["+33 6 12 34 56 78"], emails=["paul@example.com"]),
        c.QuickReplies(title="Shall we call you?", replies=[c.QuickReply(title="Yes, today"), c.QuickReply(title="No, thanks")]),
        c.Buttons(
            text="Your order is on its way.", buttons=[reply, c.Button(kind="url", title="Open shop", value="https://shop.example.com")]
        ),
        menu,
        card,
        c.Carousel(cards=[card, c.Card(title="Orbit table lamp"), c.Card(title="Moss floor lamp")]),
        c.Template(name="order_shipped", language="en"),
        c.CustomPayload(payload={"template": {"kind": "receipt"}}),
    ]
    return [
        *(we_say(200 + index, 50 - index, content, "delivered") for index, content in enumerate(contents)),
        contact_says(220, 30, c.Media(kind="audio", subtype="voice"), file=FileView(kind="audio", url="/sample/voice.ogg")),
        contact_says(221, 29, c.Media(kind="file"), file=file),
        contact_says(222, 28, c.Media(kind="video"), file=waiting),
        contact_says(223, 27, c.Media(kind="image"), file=gone),
        contact_says(224, 26, c.Unsupported(what="a poll")),
        contact_says(225, 25, c.Text(text="Track parcel", payload="track"), edited_at=NOW),
        we_say(226, 20, c.Text(text="Here is the offer."), "failed", reason="The recipient blocked the page.", retry="retry"),
        we_say(
            227, 12, c.Text(text="One moment please."), "unconfirmed", reason="The answer of the provider was cut off.", retry="send_again"
        ),
        we_say(228, 3, c.Text(text="Bot words"), "sent", sender=Sender(kind="bot", name="Helper bot")),
        we_say(229, 2, c.Text(text="Echo words"), "delivered", sender=Sender(kind="echo", name="")),
        we_say(230, 1, c.Text(text="Queued words"), "queued", client_id="c-1"),
    ]


def header(**changes: object) -> HeaderView:
    values: dict[str, object] = {"contact_id": 1, "name": "Ada Nwosu", "channel_kind": "telegram", "channel_name": CHANNELS["telegram"]}
    values |= {"status": "open", "conversation_id": 31, "assignee": MIRA} | changes
    return HeaderView(**values)  # type: ignore[arg-type]


TAGS = (
    TagView(id=1, name="Lyon"),
    TagView(id=2, name="Newsletter", emoji="📰", color="blue"),
    TagView(id=3, name="Wholesale", color="orange"),
)
STAGES = (
    StageView(id=1, name="New Lead", emoji="🆕"),
    StageView(id=2, name="Hot Lead", emoji="🔥"),
    StageView(id=3, name="Customer", emoji="🤝", kind="won"),
    StageView(id=4, name="Cold Lead", kind="lost"),
)


def fields() -> list[FieldView]:
    """One of every type, one that is wrong, one to read, some folded away."""
    return [
        FieldView(key="firstName", name="First-name", type="text", value="Ada", shown="Ada"),
        FieldView(key="phone", name="Phone-name", type="phone", value="+33612345678", shown="+33612345678"),
        FieldView(key="email", name="Mail-name", type="email", value="ada.nwosu@example.com", shown="ada.nwosu@example.com"),
        FieldView(key="language", name="Language-name", type="language", value="French", shown="French"),
        FieldView(key="countryCode", name="Country-name", type="country", value="France", shown="France"),
        FieldView(key="21", name="Plan-name", type="list", value="Gone", shown="Gone", options=["Free", "Pro"], description="About-words"),
        FieldView(key="22", name="Discount-name", type="number", value="12.5", shown="12.5"),
        FieldView(key="23", name="Agreed-name", type="checkbox", value="true", shown="Shown-yes"),
        FieldView(key="24", name="Born-name", type="date", value="1990-05-17", shown="Shown-date", editable=False),
        FieldView(key="25", name="Call-name", type="time", value="09:30", shown="09:30", editable=False, visible=False),
        FieldView(key="26", name="Shop-name", type="url", value="https://shop.example", shown="https://shop.example", visible=False),
        FieldView(key="27", name="Second-name", type="email", value="no address", error="Error-words", visible=False),
        FieldView(key="28", name="Empty-name", type="text", editable=False),
    ]


def contact() -> ContactView:
    return ContactView(
        id=1,
        name="Ada Nwosu",
        created_at=NOW - timedelta(days=210),
        fields=fields(),
        tags=TAGS,
        stage=STAGES[1],
        stages=STAGES,
        identities=[
            ChannelIdentity(
                kind="telegram", channel_name=CHANNELS["telegram"], identifier="@adanwosu", last_incoming_at=NOW - timedelta(minutes=1)
            ),
            ChannelIdentity(
                kind="website_chat",
                channel_name=CHANNELS["website_chat"],
                identifier="v_7c1f90a2",
                last_incoming_at=NOW - timedelta(days=40),
            ),
            ChannelIdentity(
                kind="custom_channel", channel_name=CHANNELS["custom_channel"], identifier="+33 6 12 34 56 78", reachable=False
            ),
        ],
    )


def composer(*channels: ComposerChannel) -> ComposerView:
    usual = (
        ComposerChannel(
            id=1, kind="telegram", name=CHANNELS["telegram"], reply_to=True, max_bytes={"image": 10_000_000, "file": 50_000_000}
        ),
        ComposerChannel(id=2, kind="messenger", name=CHANNELS["messenger"], until=NOW + timedelta(hours=3)),
        ComposerChannel(
            id=3,
            kind="messenger",
            name="Lumen Outlet",
            state="tag",
            tags=[MessageTag(value="HUMAN_AGENT", title="A person answers")],
            words="The messaging window has closed. Choose why you write.",
        ),
        ComposerChannel(
            id=4, kind="custom_channel", name=CHANNELS["custom_channel"], state="closed", words="This contact must write first."
        ),
    )
    return ComposerView(contact_id=1, channels=channels or usual)


def thread(items: list[TimelineItem] | None = None, **changes: object) -> ThreadView:
    values: dict[str, object] = {
        "header": header(),
        "timeline": TimelinePage(contact_id=1, items=conversation() if items is None else items),
        "composer": composer(),
        "contact": contact(),
        "member": MIRA,
        "seq": SHELL.live_seq,
        "read_id": 108,
        "scheduled": ScheduledList(contact_id=1),
    }
    return ThreadView(**(values | changes))  # type: ignore[arg-type]


def inbox(thread: ThreadView | None = None, **changes: object) -> InboxView:
    page = CardPage(**({"place": ListPlace(), "cards": cards()} | changes))  # type: ignore[arg-type]
    return InboxView(page=page, sidebar=SIDEBAR, seq=SHELL.live_seq, member_id=MIRA.id, thread=thread)


def every_event() -> list[EventView]:
    kinds = get_args(get_type_hints(EventView)["kind"])
    mira = Sender(kind="user", name=MIRA.name, id=MIRA.id)
    return [
        _event(400 + index, 40, kind, subject="Subject-words", detail="Detail-words", actor=mira, run_url="/run")
        for index, kind in enumerate(kinds)
    ]


def stranger() -> ContactView:
    """A contact of whom nothing is known but a name."""
    return ContactView(id=8, name="Visitor 4821", created_at=NOW, blocked=True)


def full_shell() -> Shell:
    return replace(SHELL, places=("inbox", "contacts", "broadcasts", "workflows", "reports", "settings"))


def written_by_an_attacker(evil: str) -> list[TimelineItem]:
    """The same text in every field that strangers fill."""
    return [
        contact_says(
            300, 9, c.Text(text=evil), sender=Sender(kind="contact", name=evil), reply_to=Quote(message_id=1, name=evil, words=evil)
        ),
        contact_says(301, 8, c.Media(kind="file", caption=evil), file=FileView(kind="file", url="/f", name=evil)),
        contact_says(302, 7, c.Location(latitude=0, longitude=0, title=evil, address=evil)),
        contact_says(303, 6, c.SharedContact(name=evil, phones=[evil], emails=[evil])),
        contact_says(
            304, 5, c.Card(title=evil, subtitle=evil, image_url="javascript:alert(3)", buttons=[c.Button(title=evil, value=evil)])
        ),
        contact_says(305, 4, c.CustomPayload(payload={evil: evil})),
        contact_says(306, 3, c.Unsupported(what=evil), reactions=[Reaction(emoji=evil, name=evil)]),
        CommentView(id=9, contact_id=1, at=NOW, author=replace(JONAS, name=evil), text=evil),
        _event(307, 1, "assigned", subject=evil, detail=evil, actor=Sender(kind="user", name=evil)),
    ]
