"""Duplicates, the comparison of two contacts, addresses and deleted contacts, for looking at their pages."""

from dataclasses import replace

from ismessenger.web.contacts.erase import ErasureRow
from ismessenger.web.view_merge import AddressView, ChoiceView, MergeView, PairView, PersonView, SideView, SuggestionView
from tests.web import samples

PAGE = {"path": "/contacts/duplicates", "csp_nonce": "n0nce", "shell": samples.SHELL}
ADA = PersonView(id=1, name="Ada Nwosu", since=samples.NOW, phone="+33612345678", email="ada.nwosu@example.com")
OTHER = PersonView(id=7, name="A. Nwosu", since=samples.NOW, email="ADA.Nwosu@example.com", blocked=True)
SUGGESTIONS = [SuggestionView(person=ADA, same=["phone", "email"]), SuggestionView(person=OTHER, same=["email"])]
PAIRS = [PairView(first=ADA, second=OTHER, same=same) for same in (["phone"], ["email"], ["phone", "email"])]  # type: ignore[arg-type]
CHANNELS = [("telegram", samples.CHANNELS["telegram"])]

LEFT = SideView(person=ADA, messages=42, conversations=3, is_open=True, channels=CHANNELS, tags=samples.TAGS[:2])
RIGHT = SideView(person=OTHER, messages=1, conversations=1, is_open=True, channels=[], tags=[])
MERGE = MergeView(
    first=LEFT,
    second=RIGHT,
    primary_id=1,
    choices=[
        ChoiceView(key="firstName", name="First-words", first="Ada", second="A.", chosen=1, offered=True),
        ChoiceView(key="phone", name="Phone-words", first="+33612345678", second="", chosen=1, offered=False),
        ChoiceView(key="12", name="Plan-words", first="Gold-words", second="Silver-words", chosen=1, offered=False),
    ],
    name="Ada Nwosu",
    result=[("First-words", "Ada"), ("Phone-words", "+33612345678")],
    tags=samples.TAGS[:2],
    blocked=False,
    closes=True,
)
ADDRESSES = [
    AddressView(id=1, kind="telegram", channel_name="Lumen bot", identifier="ada", since=samples.NOW, last_incoming_at=samples.NOW),
    AddressView(id=2, kind="messenger", channel_name="Lumen page", identifier="a-2", since=samples.NOW, last_message_at=samples.NOW),
    AddressView(id=3, kind="fax", channel_name="Old line", identifier="a-3", since=samples.NOW, reachable=False),
]
ADDRESSED = {"contact_id": 1, "name": "Ada Nwosu", "phone": "+33612345678", "active": ADDRESSES, "may_remove": True}
ERASED = [ErasureRow(9, samples.NOW, "Mira Okafor", 120, 4, 7), ErasureRow(8, samples.NOW, "", 0, 0, 0)]
ACTIONS = {"contact_id": 1, "name": "Ada Nwosu", "blocked": False, "may_erase": True, "messages": 12}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("contacts/_actions.html", ACTIONS),
    ("contacts/_actions.html", {**ACTIONS, "blocked": True, "may_erase": False}),
    ("contacts/_addresses.html", {**ADDRESSED, "inactive": [("sms", "Shop line")], "unavailable": CHANNELS}),
    ("contacts/_addresses.html", {**ADDRESSED, "active": [], "inactive": [], "unavailable": [], "may_remove": False}),
    ("contacts/_person.html", {"person": OTHER}),
    ("contacts/_suggestions.html", {"contact_id": 3, "suggestions": SUGGESTIONS}),
    ("contacts/_suggestions.html", {"contact_id": 3, "suggestions": []}),
    ("contacts/dismissal.stream.html", {"ids": [1, 7], "dismissed": True}),
    ("contacts/dismissal.stream.html", {"ids": [1, 7], "dismissed": False}),
    ("contacts/duplicates.html", {**PAGE, "pairs": PAIRS, "more": "c2", "first_page": False}),
    ("contacts/duplicates.html", {**PAGE, "pairs": [], "more": None, "first_page": True}),
    ("contacts/frames.stream.html", {"contact_id": 1, "joined": True}),
    ("contacts/gone.stream.html", {"contact_id": 1, "into": None}),
    ("contacts/gone.stream.html", {"contact_id": 1, "into": 7}),
    ("contacts/merge.html", {**PAGE, "merge": MERGE, "listed": False}),
    ("contacts/merge.html", {**PAGE, "merge": replace(MERGE, primary_id=7, blocked=True, closes=False), "listed": True}),
    ("contacts/merge_pick.html", {**PAGE, "person": ADA, "words": "", "suggestions": SUGGESTIONS, "found": []}),
    ("contacts/merge_pick.html", {**PAGE, "person": ADA, "words": "Nwosu", "suggestions": [], "found": [OTHER]}),
    ("contacts/merge_pick.html", {**PAGE, "person": ADA, "words": "Nobody", "suggestions": [], "found": []}),
    ("settings/erasures.html", {**PAGE, "erasures": ERASED, "more": "c2"}),
    ("settings/erasures.html", {**PAGE, "erasures": [], "more": None}),
]
