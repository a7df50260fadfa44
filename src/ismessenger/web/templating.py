"""Pages and fragments out of the templates folder.

``render`` answers a request with a page, ``stream`` with Turbo streams, ``fragment`` makes the same HTML without a request, for jobs.
A template includes another by ``partial(name, argument=…)``: nothing but the arguments reaches it.
"""

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ismessenger.sdk.markdown import to_plain
from ismessenger.web import format as formats
from ismessenger.web import language, view
from ismessenger.web.assets import asset

STREAM_TYPE = "text/vnd.turbo-stream.html"
_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = _PACKAGE.parents[1] / "templates"


def render(request: Request, name: str, /, *, status: int = 200, **arguments: object) -> HTMLResponse:
    """A page. Its layout also gets the request's path and the nonce of the content-security policy (``request.state.nonce``)."""
    page = {"csp_nonce": str(getattr(request.state, "nonce", "")), "path": request.url.path}
    return HTMLResponse(_environment().get_template(name).render(page | arguments), status_code=status)


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
    environment.install_gettext_callables(language.gettext, language.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals |= _GLOBALS
    environment.filters |= {
        "rich": formats.rich,
        "rich_comment": formats.rich_comment,
        "plain": to_plain,
        "file_size": formats.file_size,
        "initials": formats.initials,
        "tone": formats.tone,
    }
    return environment


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
