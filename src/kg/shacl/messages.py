"""Messages of shapes -> messages of results, with their languages (SHACL, sections 2.1.5, 3.6.2.4 and 5.3.2).

pySHACL drops the language of a message in which it fills in variables, so the language travels inside the text: each
``sh:message`` is marked before the run. A message without the mark is one that an engine made up because the shape has
none; engines word that differently, so it is replaced by words of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from rdflib import SH, Graph, Literal, URIRef
from rdflib.term import Node

_MARK = "\x1f"
_SHORT = 80
_VARIABLE = re.compile(r"\{[?$](?:value|this)\}")


def mark(shapes: Graph) -> Graph:
    """A copy of the shapes in which each message begins with its language and the mark."""
    marked = Graph(bind_namespaces="none")
    marked += ((s, p, _marked(o) if p == SH.message and isinstance(o, Literal) else o) for s, p, o in shapes)
    return marked


def _marked(message: Literal) -> Literal:
    return Literal(f"{message.language or ''}{_MARK}{message}", message.language, message.datatype)


def told(found: Iterable[Node], focus: str, value: str) -> dict[str, str]:
    """The messages of a result by language ("" for none), several of one language joined; made-up ones left out.

    Engines differ in whether a variable that is unbound, but has a value in the result, is filled in: here it is.
    """
    known = {"{?value}": value, "{$value}": value, "{?this}": focus, "{$this}": focus}
    texts: dict[str, set[str]] = {}
    for language, marked, text in (str(message).partition(_MARK) for message in found):
        if marked:
            filled = _VARIABLE.sub(lambda place: known[place[0]] or place[0], text)
            texts.setdefault(language, set()).add(" ".join(filled.split()))
    return {language: " ".join(sorted(several)) for language, several in sorted(texts.items())}


def parameter(component: str) -> URIRef:
    """The parameter of a component of SHACL: ``sh:minCount`` for ``sh:MinCountConstraintComponent``."""
    name = component.removeprefix(str(SH)).removesuffix("ConstraintComponent")
    return SH["sparql"] if name == "SPARQL" else SH[name[:1].lower() + name[1:]]


def made_up(component: str, values: Iterable[Node | None]) -> dict[str, str]:
    """What is said where a shape says nothing: the parameter that is not met, and its values if short."""
    shown = sorted(str(v) for v in values if isinstance(v, Literal | URIRef) and len(str(v)) <= _SHORT)
    what = " ".join([f"sh:{parameter(component).removeprefix(str(SH))}", *shown])
    return {"de": f"{what} ist nicht erfüllt", "en": f"{what} is not met"}
