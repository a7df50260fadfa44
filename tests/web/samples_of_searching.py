"""What the search and the palette show: believable, nothing in it is real."""

from ismessenger.kit import clock
from ismessenger.search.mark import Stretch
from ismessenger.web.view import InboxLink, SidebarView
from ismessenger.web.view_search import PersonHit, SearchView, SectionView, WrittenHit
from tests.web import samples

SNIPPET = (Stretch("Is the "), Stretch("lamp", hit=True), Stretch(" still in stock?"))
PERSON = PersonHit(
    contact_id=7,
    name=(Stretch("Lamp", hit=True), Stretch("ert Person-name")),
    plain_name="Lampert Person-name",
    beside=(Stretch("+4930123"),),
    status="snoozed",
    blocked=False,
    at=clock.now(),
    url="/inbox/all/contacts/7",
)
SAID = WrittenHit(
    dom_id="hit_message_9",
    contact_id=7,
    name="Ada Hit-name",
    author="Bo Author-name",
    incoming=False,
    words=SNIPPET,
    at=clock.now(),
    channel_kind="telegram",
    channel_name="Lumen bot",
    url="/inbox/all/contacts/7?message=9",
)
PEOPLE = SectionView(name="people", people=[PERSON], older_url="/search?q=lamp&section=people&before=c", frame="search_people_c")
MESSAGES = SectionView(name="messages", written=[SAID], older_url="/search?q=lamp&section=messages&before=c", frame="search_messages_c")
COMMENTS = SectionView(name="comments", older_url="/search?q=lamp&section=comments&before=c", frame="search_comments_c")
NOTHING = SectionView(name="comments")
SIDEBAR = SidebarView(
    standing=[InboxLink(name="all"), InboxLink(name="mine")],
    stages=[InboxLink(name="stage-3", words="Stage-name", emoji="🔥")],
    teams=[InboxLink(name="team-2", words="Team-name")],
    custom=[InboxLink(name="custom-1", words="Custom-name")],
    blocked=True,
)

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("search/_bar.html", {}),
    ("search/_keys.html", {}),
    ("search/_palette.html", {}),
    ("search/_marked.html", {"stretches": SNIPPET}),
    ("search/_section.html", {"section": MESSAGES}),
    ("search/_choice.html", {"id": "choice_1", "url": "/inbox", "words": "Choice-words", "icon_name": "inbox", "also": "Also-words"}),
    ("search/results.html", {"search": SearchView(line="lamp", sections=[PEOPLE, MESSAGES, COMMENTS], problems=["Problem-words"])}),
    ("search/results.html", {"search": SearchView(line="lamp", sections=[NOTHING])}),
    ("search/more.html", {"section": MESSAGES, "frame": "search_messages_b"}),
    ("search/more.html", {"section": NOTHING, "frame": "search_comments_b"}),
    ("search/palette_contacts.html", {"contacts": [(7, "Ada Contact-name")]}),
    ("search/palette_contacts.html", {"contacts": []}),
    ("search/palette_places.html", {"shell": samples.SHELL, "sidebar": SIDEBAR}),
]
