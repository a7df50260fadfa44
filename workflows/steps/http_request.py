"""Ask a server something over HTTP."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlsplit

from pydantic import Field

from ismessenger.sdk.integration import HTTP, SECRET
from ismessenger.sdk.integration import HttpRequest as Asked
from ismessenger.sdk.step import Call, Exit, Fail, Fault, Heard, Next, Outcome, Part, Result, Scene, Thing, Value, Variable, Wait, widget
from ismessenger.sdk.words import gettext
from workflows import paths, requests
from workflows.names import VariableName
from workflows.requests import CONTENT_TYPES, ContentType, RequestInvalid
from workflows.wording import line

MAX_HEADERS: Final = 10
MAX_MAPPED: Final = 10
ERRORS_FROM: Final = 400


class Header(Part):
    """One header of the request."""

    name: Annotated[str, Field(title="Name", max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]*$")] = ""
    value: Annotated[str, Field(title="Value", max_length=2000), widget("text")] = ""


class Mapped(Part):
    """A value of the answer that becomes a variable."""

    path: Annotated[str, Field(title="Path", max_length=paths.MAX_PATH), widget(placeholder="$.data.name")] = ""
    variable: Annotated[VariableName, Field(title="Variable")] = ""


class HttpRequest:
    """Sends a request and keeps values of the answer as variables."""

    kind: ClassVar = "http_request"
    name: ClassVar = "HTTP request"
    description: ClassVar = "Ask another system, and use its answer in the steps that follow."
    icon: ClassVar = "globe"
    group: ClassVar = "Connections"

    class Params(Part):
        method: Annotated[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], Field(title="Method")] = "GET"
        url: Annotated[
            str,
            Field(title="Address", description="Variables and secrets may stand in it.", max_length=2000),
            widget("text", secrets=True, placeholder="https://api.example.com/customers/$contact.id"),
        ] = ""
        headers: Annotated[
            list[Header], Field(title="Headers", max_length=MAX_HEADERS), widget("headers", secrets=True, item="header")
        ] = []
        content_type: Annotated[
            ContentType,
            Field(title="Kind of body"),
            widget(
                when={"method": ["POST", "PUT", "PATCH", "DELETE"]},
                labels={"json": "JSON", "form": "Form", "text": "Plain text", "xml": "XML"},
            ),
        ] = "json"
        body: Annotated[
            str, Field(title="Body", max_length=10_000), widget("code", secrets=True, when={"method": ["POST", "PUT", "PATCH", "DELETE"]})
        ] = ""
        mapping: Annotated[
            list[Mapped],
            Field(title="Values of the answer", description="What the answer holds at a path becomes a variable.", max_length=MAX_MAPPED),
            widget("mapping", item="value"),
        ] = []
        status_variable: Annotated[
            VariableName,
            Field(title="Save the status as a variable", description="Then an answer such as 404 is no failure."),
            widget(advanced=True, placeholder="status"),
        ] = ""
        failure_branch: Annotated[
            bool,
            Field(title="Failure branch", description="Go another way if the request fails. Else the workflow goes on."),
            widget(advanced=True),
        ] = False

    def exits(self, params: Params) -> Sequence[Exit]:
        """Success and failure, or one way on."""
        return (
            (Exit("next", gettext("Success")), Exit("failure", gettext("Failure"), "failure"))
            if params.failure_branch
            else (Exit("next", gettext("Next")),)
        )

    def summary(self, params: Params, _name_of: Callable[[Thing, Any], str]) -> str:
        """Method and address."""
        return line(f"{params.method} {params.url.removeprefix('https://')}") if params.url.strip() else ""

    def variables(self, params: Params) -> Sequence[Variable]:
        """What is taken from the answer."""
        status = [Variable(params.status_variable, "Status of the answer", "number")] if params.status_variable else []
        return [*status, *(Variable(mapped.variable, mapped.path) for mapped in params.mapping if mapped.variable)]

    def faults(self, params: Params) -> Sequence[Fault]:
        """An address that is none, a body that is no JSON, paths that lead nowhere."""
        found = _address_faults(params.url)
        if _chooses_where_secrets_go(params):
            found.append(
                Fault(gettext("Write the server’s name without variables: else who fills them in chooses who gets the secrets."), "url")
            )
        names = [header.name.strip().lower() for header in params.headers]
        for place, name in enumerate(names):
            if not name:
                found.append(Fault(gettext("Give the header a name."), f"headers.{place}.name"))
            elif name in names[:place]:
                found.append(Fault(gettext("This header is there already."), f"headers.{place}.name"))
        if params.method != "GET" and params.content_type == "json" and (words := requests.json_fault(params.body)):
            found.append(Fault(words, "body"))
        for place, mapped in enumerate(params.mapping):
            if words := paths.fault(mapped.path):
                found.append(Fault(words, f"mapping.{place}.path"))
            if not mapped.variable:
                found.append(Fault(gettext("Give the variable a name."), f"mapping.{place}.variable"))
        return found

    def run(self, params: Params, scene: Scene) -> Outcome:
        """Ask; the answer comes as a result."""
        try:
            asked = _request(params, scene)
        except RequestInvalid as error:
            return Fail(str(error), "failure" if params.failure_branch else "next")
        call = Call(integration=HTTP, action="request", request=asked.model_dump(mode="json"))
        return Wait(("result",), effects=(call,), shown=gettext("the answer of %(server)s") % {"server": _server(asked.url)})

    def resume(self, params: Params, _scene: Scene, heard: Heard) -> Outcome:
        """Take the values out of the answer."""
        if not isinstance(heard, Result):
            raise TypeError(heard)
        otherwise = "failure" if params.failure_branch else "next"
        if not heard.ok:
            return Fail(heard.reason, otherwise, variables=_status(params, None))
        status = int(heard.details.get("status", 0))
        variables = {**_mapped(params, heard.details.get("json")), **_status(params, status)}
        output = {"status": status, "variables": variables}
        if status >= ERRORS_FROM and not params.status_variable:
            return Fail(gettext("The server answered with %(status)s.") % {"status": status}, otherwise, variables=variables, output=output)
        return Next(variables=variables, output=output)


def _address_faults(url: str) -> list[Fault]:
    written = url.strip()
    if not written:
        return [Fault(gettext("Say which address to ask."), "url")]
    if written.startswith(("$", "{{")) or written.lower().startswith(("https://", "http://")):
        return []
    return [Fault(gettext("An address begins with https://."), "url")]


def _chooses_where_secrets_go(params: HttpRequest.Params) -> bool:
    words = [params.url, params.body, *(header.value for header in params.headers)]
    return requests.host_is_chosen(params.url) and any(SECRET.search(each) for each in words)


def _server(url: str) -> str:
    try:
        return urlsplit(url).hostname or gettext("a server")
    except ValueError:
        return gettext("a server")  # whoever sends it says what is wrong with the address


def _request(params: HttpRequest.Params, scene: Scene) -> Asked:
    with_body = params.method != "GET" and bool(params.body.strip())
    return Asked(
        method=params.method,
        url=requests.address(params.url, scene),
        headers={header.name.strip(): requests.header(header.value, scene) for header in params.headers if header.name.strip()},
        body=requests.body(params.body, params.content_type, scene) if with_body else None,
        content_type=CONTENT_TYPES[params.content_type],
    )


def _status(params: HttpRequest.Params, status: int | None) -> Mapping[str, Value]:
    return {params.status_variable: status} if params.status_variable else {}


def _mapped(params: HttpRequest.Params, json: Any) -> dict[str, Value]:
    return {
        mapped.variable: paths.value_at(json, mapped.path) for mapped in params.mapping if mapped.variable and not paths.fault(mapped.path)
    }
