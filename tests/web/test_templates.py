"""Every template with believable objects: it renders, it is translated, and it keeps the content-security policy."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from html import unescape
from html.parser import HTMLParser
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from pydantic import BaseModel

from ismessenger.language import PSEUDO_LANGUAGE, speaking
from ismessenger.plugins import BrokenPlugin
from ismessenger.web import templating
from ismessenger.web.assets import STATIC, asset
from ismessenger.web.format import dom_id, file_size, initials, rich
from ismessenger.web.inboxes.place import Place
from ismessenger.web.settings.config_form import ConfigField, Kind
from ismessenger.web.settings.shown_channels import ChannelRow, KindView, LogEntry
from ismessenger.web.view import CommentView, ComposerView, EventView, MessageView, TimelinePage
from tests.web import samples
from tests.web import samples_of_accounts as accounts
from tests.web import samples_of_beginning as beginning
from tests.web import samples_of_contacts as contacts
from tests.web import samples_of_conversations as conversations
from tests.web import samples_of_fields as fields_of_contacts
from tests.web import samples_of_history as history
from tests.web import samples_of_imports as imports
from tests.web import samples_of_inboxes as inboxes
from tests.web import samples_of_jobs as jobs
from tests.web import samples_of_merging as merging
from tests.web import samples_of_notifications as notifications
from tests.web import samples_of_organizations as organizations
from tests.web import samples_of_outside as outside
from tests.web import samples_of_people as people
from tests.web import samples_of_runs as runs
from tests.web import samples_of_searching as searching
from tests.web import samples_of_sending as sending
from tests.web import samples_of_shortcuts as shortcuts
from tests.web import samples_of_workflows as workflows
from tests.web import samples_of_writing as writing

OURS = (
    "account",
    "components",
    "compose",
    "contacts",
    "conversations",
    "errors",
    "exports",
    "imports",
    "inbox",
    "inboxes",
    "invitations",
    "jobs",
    "layouts",
    "mailbox",
    "messages",
    "notifications",
    "organizations",
    "search",
    "session",
    "settings",
    "shortcuts",
    "workflows",
    "workspaces",
)
MACROS = {
    "components/button.html",
    "components/conditions.html",
    "components/dialog.html",
    "components/feedback.html",
    "components/field.html",
    "components/menu.html",
    "components/people.html",
    "components/table.html",
    "components/tags.html",
    "contacts/_same.html",
    "components/tabs.html",
    "imports/_words.html",
    "inbox/_names.html",
    "messages/_event_words.html",
    "messages/_parts.html",
    "messages/_status.html",
    "notifications/_words.html",
    "settings/_pages.html",
    "settings/_type_words.html",
    "workflows/_run_words.html",
    "workflows/_status.html",
}
UNTRANSLATED = {"components/guide.html"}  # for developers
PAGE = {"path": "/inbox/mine", "csp_nonce": "n0nce", "shell": samples.SHELL}
UNDO = {"url": "/conversations/31/closure", "method": "delete", "words": "Undo-words"}
CARDS = inboxes.CLOSED
ALL_ITEMS = TimelinePage(
    contact_id=1, items=[*samples.conversation(), *samples.every_kind(), *samples.every_event()], before="t1", older="t2"
)
MESSAGE = next(item for item in samples.every_kind() if item.type == "message")
COMMENT = next(item for item in samples.conversation() if item.type == "comment")
EVENT = samples.every_event()[0]
SILENT = ComposerView(contact_id=1, channels=[])

CHANNEL = ChannelRow(3, "telegram", "Telegram", "Lumen bot", "broken", "Reason-words", samples.NOW)
ORPHAN = ChannelRow(4, "fax", "", "Old line", "connected", "", samples.NOW)
KIND = KindView("telegram", "Telegram")
FIELDS = [
    ConfigField(kind, "Label-words", "Help-words", kind, required, "value-words", False, [("a", "Option-words")], error, kept)
    for kind in get_args(Kind)
    for required, error, kept in ((True, "", False), (False, "Error-words", False), (False, "", False), (False, "", True))
]
LOG = [
    LogEntry(1, samples.NOW, True, False, "Note-words", "Body", True, 5000),
    LogEntry(2, samples.NOW, False, True, "Note-words", "Body", False, 4),
    LogEntry(3, samples.NOW, False, False, "Note-words", "Body", False, 4),
]
BROKEN = [BrokenPlugin("echo", "ismessenger-echo", "ImportError: no")]
CHANNEL_PAGE = {**PAGE, "channel": CHANNEL, "setup": "", "may_disconnect": True, "connected": True}

RENDERED: list[tuple[str, dict[str, object]]] = [
    ("components/guide.html", PAGE),
    ("components/_toast.html", {"words": "Toast-words", "undo": UNDO}),
    ("components/toast.stream.html", {"words": "Toast-words", "undo": None}),
    ("contacts/_drawer.html", {"contact": samples.contact()}),
    ("contacts/drawer.stream.html", {"contact": samples.stranger()}),
    ("contacts/_choices.html", {}),
    ("contacts/_field.html", {"contact_id": 1, "field": samples.fields()[1]}),
    ("contacts/field.stream.html", {"contact_id": 1, "field": samples.fields()[11]}),
    ("contacts/_tags.html", {"contact": samples.contact()}),
    ("contacts/tags.html", {"contact_id": 1, "tags": samples.TAGS, "more": True, "new": "New-name"}),
    ("contacts/tags.html", {"contact_id": 1, "tags": (), "more": False, "new": ""}),
    ("conversations/_channels.html", {"composer": samples.composer()}),
    ("conversations/channels.stream.html", {"composer": samples.composer()}),
    ("conversations/_composer.html", {**sending.COMPOSER, "composer": SILENT}),
    ("conversations/_emoji.html", {"id": "reply"}),
    ("conversations/_file.html", {}),
    ("conversations/_header.html", {"header": samples.header(assignee=None, status="closed")}),
    ("conversations/header.stream.html", {"header": samples.header(blocked=True, stage=samples.STAGES[2])}),
    ("conversations/_thread.html", {"thread": None, "page": CARDS}),
    ("errors/show.html", {**PAGE, "code": 404, "title": "Title-words", "words": "Error-words", "home": "/inbox"}),
    ("inbox/show.html", {**PAGE, "inbox": samples.inbox(samples.thread())}),
    ("inbox/show.html", {**PAGE, "inbox": samples.inbox(place=Place("unassigned"), cards=[])}),
    ("layouts/_nav.html", {"shell": samples.full_shell(), "path": "/settings"}),
    ("layouts/app.html", PAGE),
    ("layouts/base.html", PAGE),
    ("layouts/plain.html", PAGE),
    ("layouts/settings.html", PAGE),
    ("messages/_comment.html", {"item": COMMENT}),
    ("messages/_content.html", {"content": MESSAGE.content, "file": None, "name": "Ada Nwosu"}),
    ("messages/_day.html", {}),
    ("messages/_event.html", {"item": EVENT}),
    ("messages/_fold.html", {}),
    ("messages/_items.html", {"page": ALL_ITEMS}),
    ("messages/_message.html", {"item": MESSAGE}),
    ("messages/item.stream.html", {"item": MESSAGE}),
    ("messages/timeline.html", {"page": ALL_ITEMS}),
    ("settings/_sidebar.html", {"path": "/settings/channels", "rights": samples.SHELL.rights, "organization": samples.LUMEN}),
    ("settings/_config_fields.html", {"fields": FIELDS, "more": "More-words"}),
    ("settings/_channel_state.html", {"channel": CHANNEL}),
    ("settings/channels.html", {**PAGE, "channels": [CHANNEL, ORPHAN], "kinds": [KIND], "broken": BROKEN}),
    ("settings/channels.html", {**PAGE, "channels": [], "kinds": [KIND], "broken": []}),
    ("settings/channel.html", {**CHANNEL_PAGE, "contacts": 0}),
    ("settings/channel.html", {**CHANNEL_PAGE, "channel": ORPHAN, "contacts": 12}),
    ("settings/channel_new.html", {**PAGE, "kind": KIND, "name": "Lumen bot", "fields": FIELDS, "error": "Error-words", "guide": ""}),
    ("settings/channel_edit.html", {**PAGE, "channel": CHANNEL, "name": "Lumen bot", "fields": FIELDS, "error": ""}),
    ("settings/channel_log.html", {**PAGE, "channel": CHANNEL, "entries": LOG, "older": 7}),
    *(("invitations/show.html", {**PAGE, **people.OFFER, "step": step}) for step in ("newcomer", "sign_in", "accept", "other", "over")),
    ("invitations/show.html", {**PAGE, **people.OFFER, "step": "over", "into": "", "signed_in_as": ""}),
    ("settings/_access_fields.html", {"access": people.ACCESS}),
    ("settings/users.html", {**PAGE, "people": people.PEOPLE, "invited": people.INVITED, "done": ""}),
    ("settings/users.html", {**PAGE, "people": people.PEOPLE, "invited": [], "done": "removed"}),
    ("settings/user_new.html", {**PAGE, "email": "ada@lumen.example", "access": people.ACCESS, "error": "Error-words"}),
    ("settings/user.html", {**PAGE, "person": people.PEOPLE[1], "access": people.ACCESS, "contacts": 3, "error": ""}),
    ("settings/user.html", {**PAGE, "person": people.PEOPLE[1], "access": people.ACCESS, "contacts": 1001, "error": "Error-words"}),
    ("settings/teams.html", {**PAGE, "teams": people.TEAMS}),
    ("settings/teams.html", {**PAGE, "teams": []}),
    ("settings/team.html", {**PAGE, **people.TEAM}),
    ("settings/team.html", {**PAGE, **people.TEAM, "team_id": 0, "team_name": "", "may_delete": False, "error": "Error-words"}),
    ("settings/team.html", {**PAGE, **people.TEAM, "may_delete": False}),
    ("settings/tokens.html", {**PAGE, **people.TOKENS}),
    ("settings/tokens.html", {**PAGE, **people.TOKENS, "tokens": [], "token": "ism_token", "error": "Error-words"}),
    ("settings/tokens.html", {**PAGE, **people.TOKENS, "may_revoke": False}),
    ("settings/channel_log.html", {**PAGE, "channel": CHANNEL, "entries": [], "older": None}),
    *accounts.RENDERED,
    *searching.RENDERED,
    *fields_of_contacts.RENDERED,
    *writing.RENDERED,
    *contacts.RENDERED,
    *conversations.RENDERED,
    *shortcuts.RENDERED,
    *beginning.RENDERED,
    *history.RENDERED,
    *imports.RENDERED,
    *outside.RENDERED,
    *inboxes.RENDERED,
    *jobs.RENDERED,
    *merging.RENDERED,
    *notifications.RENDERED,
    *organizations.RENDERED,
    *runs.RENDERED,
    *sending.RENDERED,
    *workflows.RENDERED,
]
NAMES = [f"{name}-{index}" for index, (name, _) in enumerate(RENDERED)]
every_template = pytest.mark.parametrize(("name", "arguments"), RENDERED, ids=NAMES)


def test_every_template_is_rendered_here() -> None:
    folder = templating.templates_folder()
    found = {str(file.relative_to(folder)) for part in OURS for file in (folder / part).rglob("*.html")}
    assert found == {name for name, _ in RENDERED} | MACROS


@every_template
def test_no_template_breaks_the_security_policy(name: str, arguments: dict[str, object]) -> None:
    html = templating.fragment(name, **arguments)
    assert not re.search(r"<[^>]*\sstyle=", html)
    assert not re.search(r"<[^>]*\son[a-z]+=", html)
    # A block of data is no script for a browser.
    assert not re.search(r"<script(?![^>]*(?:nonce=|type=\"application/json\"))", html)


@every_template
def test_every_icon_is_in_the_sprite(name: str, arguments: dict[str, object]) -> None:
    sprite = ET.parse(STATIC / asset("icons.svg").removeprefix("/static/"))
    known = {symbol.get("id") for symbol in sprite.getroot()}
    used = set(re.findall(r'icons-[0-9a-f]+\.svg#([a-z0-9-]+)"', templating.fragment(name, **arguments)))
    assert used <= known


@every_template
def test_every_text_is_translated(name: str, arguments: dict[str, object]) -> None:
    with speaking(PSEUDO_LANGUAGE):
        html = templating.fragment(name, **arguments)
    forgotten = [] if name in UNTRANSLATED else list(_forgotten(html, arguments))
    assert forgotten == []


def test_the_pseudo_language_finds_a_forgotten_text() -> None:
    with speaking(PSEUDO_LANGUAGE):
        html = templating.fragment("messages/_fold.html") + "<p>Forgotten words</p>"
    assert list(_forgotten(html, {})) == ["Forgotten words"]


@pytest.mark.parametrize("item", [MESSAGE, COMMENT, EVENT], ids=["message", "comment", "event"])
def test_the_partial_on_the_page_is_the_partial_in_the_stream(item: MessageView | CommentView | EventView) -> None:
    partial = templating.fragment(f"messages/_{item.type}.html", item=item)
    assert f'id="{dom_id(item)}"' in partial
    assert partial in templating.fragment("messages/item.stream.html", item=item)
    assert partial in templating.fragment("messages/_items.html", page=TimelinePage(contact_id=1, items=[item]))


def test_what_people_write_is_escaped() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    html = templating.fragment("inbox/show.html", **PAGE, inbox=samples.inbox(samples.thread(samples.written_by_an_attacker(evil))))
    assert "<script>alert" not in html
    assert "<img src=x" not in html


def _forgotten(html: str, arguments: dict[str, object]) -> Iterator[str]:
    """The texts that are neither translated nor data."""
    reader = _Texts()
    reader.feed(html)
    data = sorted(set(_data(arguments)), key=len, reverse=True)
    for text in reader.texts:
        rest, inside = text, ""
        while rest != inside:  # a sentence may hold another one
            rest, inside = re.sub(r"⟦[^⟦⟧]*⟧", " ", rest), rest
        for known in data:
            rest = rest.replace(known, " ")
        if re.search(r"[^\W\d_]{2}", rest):
            yield text


class _Texts(HTMLParser):
    """Gathers what a person reads or hears. Times, code and names of emoji are left out."""

    SPOKEN = ("title", "aria-label", "placeholder", "alt")
    SILENT = ("time", "pre", "code", "style", "script")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        if tag not in self.SILENT:
            self.texts += [value for name, value in attrs if name in self.SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(data.strip())


def _data(value: object) -> Iterator[str]:
    """Every string in the arguments, as it may stand on the page."""
    yield from ("IS-Messenger", "French", "France")
    match value:
        case str() if value:
            yield value
            yield initials(value)
            yield from (part.strip() for part in re.split(r"<[^>]*>", unescape(rich(value))) if part.strip())
        case int():
            yield file_size(value)
        case dict():
            for part in [*value.keys(), *value.values()]:
                yield from _data(part)
        case list() | tuple():
            for part in value:
                yield from _data(part)
        case BaseModel():
            yield from _data(value.model_dump())
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _data(getattr(value, field.name))
