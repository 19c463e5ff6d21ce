"""The SPARQL 1.1 Protocol, sections 2.1 and 2.2: a request -> the operation that it asks for (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from werkzeug.exceptions import BadRequest, MethodNotAllowed, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header

from kg.errors import QueryRefused
from kg.messages import Message
from kg.negotiate import ANSWER_VARIANTS, DATASET_VARIANTS, GRAPH_VARIANTS
from kg.web.language import PARAMETER as LANG
from kg.web.openapi.apis import SPARQL
from kg.web.openapi.operation import IRI, Body, Parameter, Placed, does, leads, negotiable

QUERY_TYPE = "application/sparql-query"
_UPDATE_TYPE = "application/sparql-update"
_FORM_TYPE = "application/x-www-form-urlencoded"
MEDIA_TYPES = {v.format: v.media_type for variants in ANSWER_VARIANTS.values() for v in variants}
_MAX_FIELDS = 1_000
_FORMAT = Parameter("format", "The format, in place of Accept.", {"enum": sorted(MEDIA_TYPES)})
DATASET = (
    Parameter("default-graph-uri", "A graph that is to be part of the default graph.", IRI, example="graph", many=True),
    Parameter("named-graph-uri", "A graph that is to be a named one.", IRI, example="graph", many=True),
    _FORMAT,
)
_FORM = {
    "type": "object",
    "required": ["query"],
    "properties": {p.name: {"type": "array", "items": p.schema} if p.many else p.schema for p in DATASET}
    | {"query": {"type": "string"}},
}
BODIES = (
    Body(QUERY_TYPE, "The query.", {"type": "string"}, "query"),
    Body(_FORM_TYPE, "The query and its parameters.", _FORM, "query"),
)
# Which graph is asked for.
WHICH_GRAPH = (
    Parameter("graph", "The IRI of a named graph.", IRI, example="graph"),
    Parameter("default", "Given, the default graph is wanted; it has no value.", {"const": ""}),
)
# What the front answers of this.
ANSWERED = (
    Placed(
        "/graph/{path}",
        "GET",
        "graph",
        does(
            "A named graph at its own address",
            SPARQL,
            negotiable(*GRAPH_VARIANTS, *DATASET_VARIANTS),
            leads(303, "It is a thing rather than a graph, and here is its document."),
            errors=(404, 410),
            parameters=(Parameter("path", "The rest of the graph's IRI.", place="path", example="graph path"),),
        ),
    ),
)


@dataclass(frozen=True)
class Operation:
    """A query as it was sent, however it was sent; ``format`` is the parameter of that name, None if not given."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]
    format: str | None

    @property
    def dataset_given(self) -> bool:
        """True if the request says what the dataset is made of."""
        return bool(self.default_graphs or self.named_graphs)


def operation(method: str, query_string: str, content_type: str, body: bytes, longest: int) -> Operation:
    """The operation of a request; a query may have ``longest`` bytes.

    Raises BadRequest, UnsupportedMediaType, RequestEntityTooLarge, MethodNotAllowed or QueryRefused (an update).
    """
    if method in ("GET", "HEAD"):
        return _by_get(query_string, longest)
    if method != "POST":
        raise MethodNotAllowed(["GET", "HEAD", "POST", "OPTIONS"])
    return _by_post(query_string, content_type, body, longest)


@lru_cache(maxsize=512)
def _fields(encoded: str) -> tuple[tuple[str, str], ...]:
    try:
        found = parse_qsl(
            encoded, keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MAX_FIELDS
        )
    except UnicodeDecodeError as error:
        raise BadRequest("what is percent-encoded is not UTF-8") from error
    except ValueError:
        raise BadRequest(Message("more than %(number)s parameters", number=_MAX_FIELDS)) from None
    return tuple(found)


def is_operation(query_string: str) -> bool:
    """True if a GET has parameters for the service; without any, but the language of pages, its description is wanted
    (SPARQL 1.1 Service Description, section 2). Raises BadRequest.
    """
    return any(name != LANG for name, _ in _fields(query_string))


def graph_wanted(query_string: str) -> str | None:
    """Which graph is asked for (SPARQL 1.1 Graph Store HTTP Protocol, section 4): its IRI, "" for the default graph.

    None: the address names none, the whole dataset is wanted. Raises BadRequest.
    """
    fields = _fields(query_string)
    named, default = _values(fields, "graph"), _values(fields, "default")
    if len(named) + len(default) > 1:
        raise BadRequest("give either ?graph=<IRI> or ?default, once")
    if default:
        return ""
    if not named:
        return None
    try:
        absolute = bool(urlsplit(named[0]).scheme)
    except ValueError:  # such as http://[
        absolute = False
    if not absolute:
        raise BadRequest("the graph is named by an absolute IRI")
    return named[0]


def _values(fields: tuple[tuple[str, str], ...], name: str) -> tuple[str, ...]:
    return tuple(value for key, value in fields if key == name)


def _by_get(query_string: str, longest: int) -> Operation:
    fields = _fields(query_string)
    if _values(fields, "update"):
        raise BadRequest("an update cannot be sent by GET, and the data is read-only here")
    return _operation(_values(fields, "query"), fields, longest)


def _by_post(query_string: str, content_type: str, body: bytes, longest: int) -> Operation:
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    in_url = _fields(query_string)
    if kind == _UPDATE_TYPE:
        raise QueryRefused("updates are not accepted: the data is read-only here")
    if kind not in (QUERY_TYPE, _FORM_TYPE) or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"send a query as {QUERY_TYPE} or {_FORM_TYPE}, in UTF-8")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"the query is not UTF-8 at byte {error.start}") from None
    if kind == QUERY_TYPE:
        if _values(in_url, "query"):
            raise BadRequest("the query stands in the body; the address must not hold another one")
        return _operation((text,), in_url, longest)
    fields = _fields.__wrapped__(text)
    if _values(fields, "update"):
        if _values(fields, "query"):
            raise BadRequest("send either a query or an update, not both")
        raise QueryRefused("updates are not accepted: the data is read-only here")
    return _operation(_values(fields, "query"), (*in_url, *fields), longest)


def _operation(texts: tuple[str, ...], fields: tuple[tuple[str, str], ...], longest: int) -> Operation:
    if len(texts) != 1:
        raise BadRequest(Message("exactly one parameter 'query' is wanted, %(number)s given", number=len(texts)))
    if len(texts[0]) > longest or len(texts[0].encode()) > longest:
        raise RequestEntityTooLarge(Message("a query may have %(number)s bytes", number=f"{longest:,}"))
    wanted = _values(fields, "format")
    if wanted and (len(wanted) > 1 or wanted[0] not in MEDIA_TYPES):
        raise BadRequest(Message("%(name)s is one of %(values)s", name="format", values=", ".join(sorted(MEDIA_TYPES))))
    return Operation(
        texts[0],
        _values(fields, "default-graph-uri"),
        _values(fields, "named-graph-uri"),
        wanted[0] if wanted else None,
    )
