"""What the place where people write offers, as its templates take it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from ismessenger.accounts.model import Member
from ismessenger.accounts.presence import Status
from ismessenger.files.model import StoredFile
from ismessenger.messages.media import kind_of
from ismessenger.messages.model import Snippet
from ismessenger.messages.variables import Filled, Variable, fill, problem
from ismessenger.sdk.content import MediaKind
from ismessenger.sdk.words import gettext
from ismessenger.web import shown
from ismessenger.web.view import MemberView

LINES = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryFile:
    """A file of the library. ``url`` is where members read it."""

    id: int
    name: str
    kind: MediaKind
    mime: str
    size_bytes: int
    url: str

    @property
    def told(self) -> dict[str, str | int]:
        """What a composer needs to know of it."""
        return {"id": self.id, "name": self.name, "mime": self.mime, "size": self.size_bytes, "url": self.url}


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that can be put in. ``key`` is how it is called shortly, ``words`` say more; ``insert`` takes the place of what was typed.

    A topic has a ``query`` instead: what is looked for next. ``preview`` is what it will say to the contact, ``problem`` why it cannot yet;
    ``empty``: nothing is known of the contact that it could say.
    """

    kind: Literal["snippet", "variable", "member", "topic"]
    name: str
    key: str = ""
    words: str = ""
    insert: str = ""
    query: str = ""
    preview: str = ""
    problem: str = ""
    empty: bool = False
    topics: Sequence[str] = ()
    files: Sequence[LibraryFile] = ()
    member: MemberView | None = None


def file_view(file: StoredFile) -> LibraryFile:
    """A stored file as a composer shows it."""
    url = f"/uploads/{file.id}/{quote(file.name, safe='')}"
    return LibraryFile(id=file.id, name=file.name, kind=kind_of(file.mime), mime=file.mime, size_bytes=file.size, url=url)


def snippet_option(snippet: Snippet, files: Mapping[int, StoredFile], known: Mapping[str, Variable], contact_name: str | None) -> Option:
    """A snippet as it would read to this contact; without one as it is written."""
    filled = Filled(snippet.text) if contact_name is None else fill(snippet.text, known)
    return Option(
        kind="snippet",
        name=snippet.name,
        key=f"/{snippet.slug}",
        words=" ".join(filled.text[:LINES].split()),
        insert=snippet.text,
        preview=filled.text,
        problem=problem(filled, contact_name or ""),
        topics=snippet.topics,
        files=[file_view(files[file_id]) for file_id in snippet.file_ids if file_id in files],
    )


def topic_option(topic: str) -> Option:
    """A topic that leads to its snippets."""
    return Option(kind="topic", name=topic, query=f"#{topic}")


def variable_option(variable: Variable, *, of_contact: bool) -> Option:
    """A variable with its value, if there is a contact to have one."""
    return Option(
        kind="variable",
        name=variable.label or variable_words().get(variable.name, variable.name),
        key=f"${variable.name}",
        words=variable.value,
        insert=f"{{{{${variable.name}}}}}",
        empty=of_contact and not variable.value,
    )


def member_option(member: Member, status: Status, *, alone: bool) -> Option:
    """A member who can be named; one of several with the same name is named by number."""
    insert = f"@{member.name} " if alone else f"{{{{@user.{member.id}}}}} "
    return Option(
        kind="member", name=member.name, key="" if alone else member.email, insert=insert, member=shown.member_view(member, status)
    )


def variable_words() -> dict[str, str]:
    """What the variables that every workspace has are called."""
    return {
        "contact.name": gettext("Name of the contact"),
        "contact.firstname": gettext("First name of the contact"),
        "contact.lastname": gettext("Last name of the contact"),
        "contact.phone": gettext("Phone of the contact"),
        "contact.email": gettext("E-mail of the contact"),
        "contact.language": gettext("Language of the contact"),
        "contact.country": gettext("Country of the contact"),
        "contact.id": gettext("Number of the contact"),
        "assignee.name": gettext("Name of the assignee"),
        "assignee.firstname": gettext("First name of the assignee"),
        "assignee.lastname": gettext("Last name of the assignee"),
        "assignee.email": gettext("E-mail of the assignee"),
        "member.name": gettext("Your name"),
        "member.firstname": gettext("Your first name"),
        "member.lastname": gettext("Your last name"),
        "member.email": gettext("Your e-mail"),
        "workspace.name": gettext("Name of the workspace"),
        "system.current_date": gettext("Today’s date"),
        "system.current_time": gettext("The time now"),
        "system.current_datetime": gettext("Date and time now"),
    }
