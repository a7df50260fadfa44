import time
from html.parser import HTMLParser

import pytest
from hypothesis import given

from ismessenger.sdk.markdown import to_html, to_plain
from tests.sdk.texts import HOSTILE, SIZE, texts


class Reader(HTMLParser):
    """Fails on anything but properly nested b, i, s, code and a; collects the words and the addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words = ""
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in {"b", "i", "s", "code", "a"}
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.addresses += [str(value) for _, value in attrs]
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    handle_pi = unknown_decl = handle_comment


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


@pytest.mark.parametrize(
    ("text", "html", "plain"),
    [
        ("**bold** _italic_ ~~struck~~ `code`", "<b>bold</b> <i>italic</i> <s>struck</s> <code>code</code>", "bold italic struck code"),
        ("[words](https://a.example/?b=1&c=2)", '<a href="https://a.example/?b=1&amp;c=2">words</a>', "words (https://a.example/?b=1&c=2)"),
        ("[shop](https://a.example/x_(y))!", '<a href="https://a.example/x_(y)">shop</a>!', "shop (https://a.example/x_(y))!"),
        ("[us](mailto:us@a.example)", '<a href="mailto:us@a.example">us</a>', "us (us@a.example)"),
        ("[+49 30](tel:+4930)", '<a href="tel:+4930">+49 30</a>', "+49 30 (+4930)"),
        ("[https://a.example](https://a.example)", '<a href="https://a.example">https://a.example</a>', "https://a.example"),
        ("**bold _both ~~all~~_**", "<b>bold <i>both <s>all</s></i></b>", "bold both all"),
        ("[**bold** words](https://a.example)", '<a href="https://a.example"><b>bold</b> words</a>', "bold words (https://a.example)"),
        ("**see [it](https://a.example)**", '<b>see <a href="https://a.example">it</a></b>', "see it (https://a.example)"),
        ("`**not** _here_`", "<code>**not** _here_</code>", "**not** _here_"),
        ("``a ` b``", "<code>a ` b</code>", "a ` b"),
        ("```\nfirst\n\nsecond\n```", "<code>first\n\nsecond</code>", "first\n\nsecond"),
        ("这是**粗体**和_斜体_。", "这是<b>粗体</b>和<i>斜体</i>。", "这是粗体和斜体。"),
        ("half**bold**", "half<b>bold</b>", "halfbold"),
        ("(_quiet_)", "(<i>quiet</i>)", "(quiet)"),
        ("line\nbreak", "line\nbreak", "line\nbreak"),
    ],
)
def test_markers_become_tags(text: str, html: str, plain: str) -> None:
    assert to_html(text) == html
    assert to_plain(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        "snake_case_words and größe_in_cm",
        "2*3*4 and 2**3**4 and * item",
        "__init__ and ***",
        "a ** b ** c",
        "**open",
        "close** and _open",
        "**over\n\nlines**",
        "`one\n\ntwo`",
        "` `",
        "[words](javascript:alert(1))",
        "[words] (https://a.example)",
        "[](https://a.example)",
        "[a\nb](https://a.example)",
        "https://a.example/_path_/with_marks_",
        "{{$contact.first_name}}",
        "~single~",
    ],
)
def test_what_only_looks_like_a_marker_stays(text: str) -> None:
    assert to_html(text) == text
    assert to_plain(text) == text


def test_a_marker_inside_a_pair_of_others_stays_when_it_has_no_partner() -> None:
    assert to_html("**a _b** c_") == "<b>a _b</b> c_"


def test_everything_else_is_escaped() -> None:
    assert to_html("<b>&\"'") == "&lt;b&gt;&amp;&quot;&#x27;"
    assert to_html("`<script>`") == "<code>&lt;script&gt;</code>"
    assert to_html('[a"b](https://a.example/"onclick=x)') == "[a&quot;b](https://a.example/&quot;onclick=x)"
    assert to_html("[<i>](https://a.example/'x)") == '<a href="https://a.example/&#x27;x">&lt;i&gt;</a>'


def test_bare_addresses_become_links_where_wanted() -> None:
    text = "See https://a.example/x_(y), **https://b.example/?q=1&r=2** (https://c.example)."
    html = to_html(text, link_bare_addresses=True)
    assert read(html).addresses == ["https://a.example/x_(y)", "https://b.example/?q=1&r=2", "https://c.example"]
    assert read(html).words == "See https://a.example/x_(y), https://b.example/?q=1&r=2 (https://c.example)."
    assert read(to_html(text)).addresses == []


@given(texts)
def test_html_is_always_well_formed_and_safe(text: str) -> None:
    for html in (to_html(text), to_html(text, link_bare_addresses=True)):
        assert all(address.lower().startswith(("http://", "https://", "mailto:", "tel:")) for address in read(html).addresses)


@given(texts)
def test_plain_text_is_never_longer_and_never_blank_by_itself(text: str) -> None:
    plain = to_plain(text)
    assert len(plain) <= len(text)
    assert bool(plain.strip()) == bool(text.strip())


@pytest.mark.parametrize("what", HOSTILE)
def test_a_long_text_takes_no_long_time(what: str) -> None:
    text = HOSTILE[what][:SIZE]
    started = time.process_time()
    to_html(text, link_bare_addresses=True)
    to_plain(text)
    assert time.process_time() - started < 3
