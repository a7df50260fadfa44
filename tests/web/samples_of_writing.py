"""Snippets, files of the library and what a composer offers, for looking at their templates."""

from ismessenger.web.compose.shown import LibraryFile, Option
from ismessenger.web.settings.files import FileRow
from ismessenger.web.settings.snippets import SnippetForm, SnippetRow
from tests.web import samples

PAGE = {"csp_nonce": "n0nce", "shell": samples.SHELL}
PRICES = LibraryFile(id=7, name="Name-prices.pdf", kind="file", mime="application/pdf", size_bytes=182_000, url="/uploads/7/x")
LAMP = LibraryFile(id=8, name="Name-lamp.png", kind="image", mime="image/png", size_bytes=900, url="/uploads/8/x")
OPTIONS = [
    Option(kind="topic", name="Topic-name", query="#Topic-name"),
    Option(
        kind="snippet",
        name="Name-one",
        key="Key-one",
        words="About-one",
        insert="Insert-one",
        preview="Preview-one",
        problem="Problem-one",
        topics=["Topic-one", "Topic-two"],
        files=[PRICES],
    ),
    Option(kind="snippet", name="Name-two", key="Key-two", files=[PRICES, LAMP]),
    Option(kind="variable", name="Name-three", key="$contact.firstname", words="Value-three", insert="x"),
    Option(kind="variable", name="Name-four", key="$contact.email", insert="x", empty=True),
    Option(kind="member", name=samples.JONAS.name, key="Key-five", insert="x", member=samples.JONAS),
]
SNIPPETS: dict[str, object] = {
    **PAGE,
    "path": "/settings/snippets",
    "base": "/settings/snippets",
    "personal": False,
    "snippets": [
        SnippetRow(1, "Name-one", "slug-one", "About-one", ["Topic-one"], 2, []),
        SnippetRow(2, "Name-two", "slug-two", "", [], 1, ["$contact.gone"]),
        SnippetRow(3, "Name-three", "slug-three", "About-three", [], 0, []),
    ],
    "words": "Look-words",
    "topic": "Topic-one",
    "topics": ["Topic-one", "Topic-two"],
    "first": False,
    "further": "c1",
}
SNIPPET: dict[str, object] = {
    **PAGE,
    "path": "/settings/snippets/1",
    "base": "/settings/snippets",
    "personal": False,
    "snippet_id": 1,
    "snippet_name": "Name-one",
    "form": SnippetForm(name="Name-one", slug="slug-one", text="About-one", topics="Topic-one"),
    "files": [PRICES],
    "topics": ["Topic-one"],
    "error": "Error-words",
}
OWN = {"path": "/account/snippets", "base": "/account/snippets", "personal": True}
FILES: dict[str, object] = {
    **PAGE,
    "path": "/settings/files",
    "files": [
        FileRow(PRICES, samples.MIRA.name, samples.NOW, ["Name-one", "Name-two"]),
        FileRow(LAMP, "", samples.NOW, []),
    ],
    "words": "Look-words",
    "first": False,
    "further": "c1",
    "error": "Error-words",
}
FILE: dict[str, object] = {
    **PAGE,
    "path": "/settings/files/7",
    "file": PRICES,
    "name": PRICES.name,
    "link": "https://link.example/files/x",
    "snippets": [{"id": 1, "name": "Name-one", "owner_id": None}],
    "personal": 2,
    "error": "Error-words",
}
RENDERED: list[tuple[str, dict[str, object]]] = [
    ("compose/options.html", {"options": OPTIONS}),
    ("compose/_complete.html", {"id": "reply_1"}),
    ("compose/_preview.html", {"words": "Preview-words", "problem": ""}),
    ("compose/_preview.html", {"words": "Preview-words", "problem": "Problem-words"}),
    ("compose/_library.html", {"id": "reply", "words": ""}),
    ("compose/_library.html", {"id": "snippet", "words": "Button-words"}),
    ("compose/library.html", {"files": [PRICES, LAMP], "words": "", "more": True, "may_fill": True}),
    ("compose/library.html", {"files": [], "words": "Look-words", "more": False, "may_fill": True}),
    ("compose/library.html", {"files": [], "words": "", "more": False, "may_fill": True}),
    ("settings/snippets.html", SNIPPETS),
    ("settings/snippets.html", {**SNIPPETS, **OWN, "snippets": []}),
    ("settings/snippets.html", {**SNIPPETS, "snippets": [], "words": "", "topic": ""}),
    ("settings/snippet.html", SNIPPET),
    ("settings/snippet.html", {**SNIPPET, **OWN, "error": "", "topics": []}),
    ("settings/snippet.html", {**SNIPPET, "snippet_id": 0, "snippet_name": "", "form": SnippetForm(), "files": [], "error": ""}),
    ("settings/files.html", FILES),
    ("settings/files.html", {**FILES, "files": [], "error": ""}),
    ("settings/files.html", {**FILES, "files": [], "words": "", "error": ""}),
    ("settings/file.html", FILE),
    ("settings/file.html", {**FILE, "snippets": [], "personal": 0, "error": ""}),
]
