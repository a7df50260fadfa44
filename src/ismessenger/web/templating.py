"""Pages and fragments out of the templates folder.

``render`` answers a request with a page, ``stream`` with Turbo streams, ``fragment`` makes the same HTML without a request, for jobs.
A template includes another by ``partial(name, argument=…)``: nothing but the arguments reaches it.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ismessenger import language
from ismessenger.sdk import words
from ismessenger.sdk.markdown import to_plain
from ismessenger.web import format as formats
from ismessenger.web import view
from ismessenger.web.assets import asset

_DOCUMENT = "<!doctype html>"
STREAM_TYPE = "text/vnd.turbo-stream.html"
_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1] / "templates"


def render(request: Request, name: str, /, *, status: int = 200, **arguments: object) -> HTMLResponse:
    """A page. Its layout also gets the request's path and the nonce of the content-security policy (``request.state.nonce``).

    What belongs into a frame stands in a layout of its own where somebody opens its address in the browser.
    """
    page = {"csp_nonce": str(getattr(request.state, "nonce", "")), "path": request.url.path}
    html = _environment().get_template(name).render(page | arguments)
    if is_opened(request) and not html.lstrip().startswith(_DOCUMENT):
        html = _environment().get_template("layouts/alone.html").render(page, part=Markup(html))  # noqa: S704 - a template made it
    return HTMLResponse(html, status_code=status)


def is_opened(request: Request) -> bool:
    """Whether a browser asks for a document to show, and not a page of ours for a part of itself."""
    headers = request.headers
    whole = headers.get("sec-fetch-dest") == "document" and "turbo-frame" not in headers
    return whole and request.method == "GET" and "text/html" in headers.get("accept", "")


def stream(name: str, /, *, status: int = 200, **arguments: object) -> Response:
    """An answer that changes the page it was asked from, by the stream template ``name``."""
    return Response(fragment(name, **arguments), status_code=status, media_type=STREAM_TYPE)


def fragment(name: str, /, **arguments: object) -> str:
    """The HTML of a partial or a stream template."""
    return _environment().get_template(name).render(arguments)


def inline(source: str, /, **arguments: object) -> Markup:
    """The HTML of a template that lies elsewhere: a plugin brings its own."""
    # The template escaped every value in it.
    return Markup(_environment().from_string(source).render(arguments))  # noqa: S704


def templates_folder() -> Path:
    """The repository's templates in a checkout, else those that the wheel brings."""
    return _CHECKOUT if _CHECKOUT.is_dir() else _PACKAGE / "_bundled" / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    folder = templates_folder()
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=folder == _CHECKOUT,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["ext.i18n.trimmed"] = True
    # The fields of a form stand in the order in which they were declared.
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.globals |= _GLOBALS
    environment.globals["ngettext"] = _in_figures(cast("Callable[..., str]", environment.globals["ngettext"]))
    environment.filters |= {
        "rich": formats.rich,
        "rich_comment": formats.rich_comment,
        "plain": to_plain,
        "file_size": formats.file_size,
        "initials": formats.initials,
        "tone": formats.tone,
    }
    return environment


def _in_figures(ngettext: Callable[..., str]) -> Callable[..., str]:
    """The same, with the number in a sentence written as the language being spoken writes it."""

    @pass_context
    def counted(context: Context, singular: str, plural: str, num: int, /, **variables: object) -> str:
        return ngettext(context, singular, plural, num, **({"num": language.figures(num)} | variables))

    return counted


def _partial(name: str, /, **arguments: object) -> Markup:
    return Markup(fragment(name, **arguments))  # noqa: S704 - the template escaped every value in it


_GLOBALS: dict[str, object] = {
    "partial": _partial,
    "asset": asset,
    "icon": formats.icon,
    "dom_id": formats.dom_id,
    "ago": formats.ago,
    "time_tag": formats.time_tag,
    "milliseconds": formats.milliseconds,
    "count": formats.count,
    "figures": language.figures,
    "language": language.language,
    "time_zone": language.time_zone,
    "plurals": language.plurals,
    "language_name": formats.language_name,
    "country_name": formats.country_name,
    "country_names": formats.country_names,
    "language_names": formats.language_names,
    "pending_message": view.pending_message,
    "pending_comment": view.pending_comment,
}
