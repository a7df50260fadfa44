"""Beginning a conversation, for looking at its steps."""

from ismessenger.conversations.begin import Way
from ismessenger.sdk.channel import Permission
from ismessenger.web.new_conversation import Somebody
from tests.web import samples

PAGE = {"path": "/conversations/new", "csp_nonce": "n0nce", "shell": samples.SHELL}
ADA = Somebody(1, "Ada Nwosu", "+33612345678 · ada@example.com")
PEOPLE = [ADA, Somebody(2, "נועה לוי", "", blocked=True), Somebody(3, "+49 30 901820", "")]
WAYS = [
    Way(1, "custom_channel", "Order line", Permission("open")),
    Way(2, "messenger", samples.CHANNELS["messenger"], Permission("open", until=samples.NOW)),
    Way(3, "messenger", "Lumen Outlet", Permission("tag", words="Window-words")),
    Way(4, "telegram", samples.CHANNELS["telegram"], Permission("closed", words="Closed-words")),
]
CHOOSE: dict[str, object] = {"words": "", "people": PEOPLE, "somebody": None, "ways": [], "number": ""}
WRITE: dict[str, object] = {"words": "", "people": None, "somebody": ADA, "ways": WAYS, "number": ""}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("conversations/_begin.html", {}),
    ("conversations/new.html", CHOOSE),
    ("conversations/new.html", WRITE),
    ("conversations/new.html", {**WRITE, "somebody": Somebody(0, "+4930901820", ""), "number": "+4930901820"}),
    ("conversations/new.html", {**WRITE, "ways": WAYS[3:]}),
    ("conversations/new.html", {**WRITE, "ways": []}),
    ("conversations/new.html", {**WRITE, "somebody": PEOPLE[1]}),
    ("conversations/new_page.html", {**PAGE, "arguments": WRITE}),
    ("conversations/new_people.html", {"words": "+4930901820", "people": PEOPLE, "number": "+4930901820"}),
    ("conversations/new_people.html", {"words": "x@example.com", "people": [], "number": ""}),
    ("conversations/new_people.html", {"words": "Nobody-words", "people": [], "number": ""}),
    ("conversations/new_people.html", {"words": "", "people": [], "number": ""}),
]
