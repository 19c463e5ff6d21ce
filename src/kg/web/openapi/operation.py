"""What is said of an operation, beside the route that answers it.

``@describes(...)`` stands between a route and its function. Path and methods are the route's own, media types those of
``kg.negotiate``, so nothing is said twice; ``gathered`` reads it all from an application.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask
from werkzeug.routing import Rule

from kg.negotiate import Variant
from kg.web.openapi.apis import Api

Schema = Mapping[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": 999_999_999}
IRI: Schema = {"type": "string", "format": "iri"}
_OF_HTTP = {"HEAD", "OPTIONS"}  # every address answers these, and they say nothing of their own
_DESCRIBED = "kg_described"
_PLACE = re.compile(r"<(?:[^<>]*:)?(\w+)>")  # <int:number> in a rule of werkzeug


@dataclass(frozen=True)
class Parameter:
    """A parameter by its ``name``; ``place`` is query, header or path.

    ``example`` is the key of values that reach something in the release that is served (``examples``). ``many``: it may
    be given several times.
    """

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: TEXT)
    place: str = "query"
    example: str = ""
    required: bool = False
    many: bool = False


@dataclass(frozen=True)
class Body:
    """What may be sent; ``example`` as for a parameter, of the whole body."""

    media_type: str
    description: str
    schema: Schema
    example: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer that is no error.

    ``schemas``, by media type, are names of components or schemas themselves; ``headers`` are those that it has;
    ``negotiated``: Accept decides.
    """

    status: int
    description: str
    variants: tuple[Variant, ...] = ()
    schemas: Mapping[str, str | Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    negotiated: bool = False


@dataclass(frozen=True)
class Operation:
    """One method at one address. ``errors`` are the statuses of problems (RFC 9457) beside those common to all."""

    summary: str
    api: Api
    description: str
    answers: tuple[Answer, ...]
    errors: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    validated: bool
    everywhere: bool


@dataclass(frozen=True)
class Placed:
    """An operation with the path template and the method that reach it, and a name of its own."""

    path: str
    method: str
    name: str
    operation: Operation


View = TypeVar("View", bound=Callable[..., Any])


def does(
    summary: str,
    api: Api,
    *answers: Answer,
    description: str = "",
    errors: tuple[int, ...] = (),
    parameters: tuple[Parameter, ...] = (),
    bodies: tuple[Body, ...] = (),
    validated: bool = True,
    everywhere: bool = True,
) -> Operation:
    """An operation. ``validated``: it has an ETag and answers 304; ``everywhere``: also below ``/release/<name>``."""
    return Operation(summary, api, description, answers, errors, parameters, bodies, validated, everywhere)


def describes(summary: str, api: Api, *answers: Answer, method: str = "GET", **more: Any) -> Callable[[View], View]:
    """Says of the function of a route what it does when asked with the ``method``; the rest as for ``does``."""
    return saying(does(summary, api, *answers, **more), method)


def saying(told: Operation, method: str = "GET") -> Callable[[View], View]:
    """The same with an operation that was made before."""

    def mark(view: View) -> View:
        view.__dict__.setdefault(_DESCRIBED, {})[method] = told
        return view

    return mark


def negotiable(*variants: Variant, description: str = "What was asked for.", **more: Any) -> Answer:
    """A 200 that is negotiated."""
    return Answer(200, description, variants, negotiated=True, **more)


def sent(*variants: Variant, description: str = "What was asked for.", **more: Any) -> Answer:
    """A 200 that does not depend on Accept."""
    return Answer(200, description, variants, **more)


def leads(status: int, description: str) -> Answer:
    """A redirect."""
    return Answer(status, description, headers=("Location",))


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    """The rules of an application, each with every method of its own."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - _OF_HTTP):
            yield rule, method


def gathered(app: Flask) -> list[Placed]:
    """What is said of the operations of an application, by path and method."""
    found: list[Placed] = []
    names: set[str] = set()
    for rule, method in routes(app):
        told = vars(app.view_functions[rule.endpoint]).get(_DESCRIBED, {}).get(method)
        if told is None:
            continue
        name = "_".join(rule.endpoint.split("."))
        if name in names:
            name = "_".join((name, *sorted(rule.arguments), *([method.lower()] if not rule.arguments else [])))
        names.add(name)
        found.append(Placed(template(rule), method, name, told))
    return sorted(found, key=lambda placed: (placed.path, placed.method))


def template(rule: Rule) -> str:
    """The path of a rule as OpenAPI writes it (section 4.8.8.1): ``/ldes/{pair}/{number}``."""
    return _PLACE.sub(r"{\1}", rule.rule)
