"""A page with nothing but the editor of conditions in a form that goes back to it, under our security policy."""

from dataclasses import replace
from urllib.parse import quote

import orjson
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from ismessenger.conditions.schema import editor_schema
from ismessenger.conditions.tree import Group, parse_text
from ismessenger.conditions.vocabulary import KnownField, KnownMember, KnownVariable, Vocabulary
from ismessenger.kit.crypto import Vault
from ismessenger.settings import Settings
from ismessenger.web import templating
from ismessenger.web.assets import STATIC
from ismessenger.web.security import SecurityHeaders

KNOWN = Vocabulary(
    {
        "firstName": KnownField("firstName", "firstName", "First name", "text", "first_name"),
        "countryCode": KnownField("countryCode", "countryCode", "Country", "country", "country_code"),
        "1": KnownField("1", "orders", "Orders", "number"),
        "2": KnownField("2", "plan", "Plan", "list", "", ("Free", "Pro", "Team")),
        "3": KnownField("3", "consent", "Consent", "checkbox"),
        "4": KnownField("4", "renewal", "Renewal", "date"),
    },
    dict(enumerate(("VIP", "Trial", "Wholesale", "Press", "Student", "Partner", "Returns", "Refund"), 1)),
    {1: "New Lead", 2: "Hot Lead"},
    {1: "Lumen on Telegram"},
    {1: KnownMember("Ada Nwosu", "ada@lumen.example", 1), 2: KnownMember("Bo Lindqvist", "bo@lumen.example")},
    {1: "Sales"},
)
_VARIABLES = (
    KnownVariable("answer", "Answer"),
    KnownVariable("channel", "Channel of the message", "choice"),
    KnownVariable("size", "Size", "choice", (("s", "Small"), ("l", "Large"))),
    KnownVariable("rating", "Rating", "number"),
    KnownVariable("consent", "Consent", "checkbox"),
    KnownVariable("opened_at", "Opened", "date"),
    KnownVariable("from", "From", "time"),
)
IN_WORKFLOW = replace(KNOWN, variables={variable.name: variable for variable in _VARIABLES})
PAGE = """{% extends "layouts/plain.html" %}{% from "components/conditions.html" import condition_editor %}
{% block title %}Conditions{% endblock %}{% block content %}<h1>Conditions</h1>
<form method="get">{{ condition_editor("editor", schema, condition) }}<button class="btn btn-primary">Apply</button></form>
<output></output>{% endblock %}"""


def stand() -> Starlette:
    """The page; its query says which conditions stand in the editor."""

    async def page(request: Request) -> HTMLResponse:
        condition = parse_text(request.query_params.get("condition", '{"$and": []}'))
        known = IN_WORKFLOW if "workflow" in request.query_params else KNOWN
        html = rendered(condition, known, csp_nonce=request.state.nonce, path="/")
        return HTMLResponse(html)

    routes = [Route("/", page), Mount("/static", StaticFiles(directory=STATIC))]
    vault = Vault(["a-key-of-the-stand-0123456789"])
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders, settings=Settings(_env_file=None, public_url="http://127.0.0.1"), vault=vault)],
    )


def rendered(condition: Group, known: Vocabulary = KNOWN, **page: str) -> Markup:
    """The page around a condition."""
    return templating.inline(PAGE, schema=editor_schema(known, condition), condition=condition.as_json(), **page)


def address_of(condition: dict[str, object]) -> str:
    """The query under which the page shows a condition."""
    return "/?condition=" + quote(orjson.dumps(condition).decode())
