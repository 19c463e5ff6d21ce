"""What the fast runner was compared on with the reference. Shapes made of anything else are left to the reference.

This looks at shapes, not at data. On values that cannot be compared the two differ: SHACL (section 4.3) and SPARQL call
it a failure to compare a date with a number or with text, and the fast runner follows; pySHACL puts them in an order of
datatypes. Such a value is a finding anyway as soon as a shape states the datatype.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rdflib import SH, BNode, Graph, URIRef


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# SHACL Core, and SHACL-SPARQL's constraints (section 5) without components, targets, functions and rules.
_TERMS = _words(
    """
    NodeShape PropertyShape Violation Warning Info targetClass targetNode targetSubjectsOf targetObjectsOf
    property path deactivated severity message flags ignoredProperties name description order group defaultValue
    PropertyGroup inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    IRI BlankNode Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive minLength maxLength
    pattern languageIn uniqueLang equals disjoint lessThan lessThanOrEquals not and or xone node
    qualifiedValueShape qualifiedMinCount qualifiedMaxCount qualifiedValueShapesDisjoint closed hasValue in
    sparql select SPARQLConstraint prefixes declare prefix namespace PrefixDeclaration
    """
)
# Left out on purpose: what SHACL forbids (MINUS, VALUES, SERVICE), what needs named graphs, what has no one answer
# (LIMIT, SAMPLE, NOW), and functions and operators in which one of the two query engines departs from SPARQL.
_WORDS = _words(
    """
    SELECT DISTINCT WHERE FILTER NOT EXISTS OPTIONAL UNION BIND AS GROUP BY HAVING COUNT SUM MIN MAX A TRUE FALSE IN
    BOUND IF COALESCE SAMETERM ISIRI ISURI ISLITERAL ISBLANK STR LANG LANGMATCHES DATATYPE REGEX STRLEN SUBSTR CONTAINS
    STRSTARTS STRENDS STRBEFORE STRAFTER CONCAT REPLACE UCASE LCASE YEAR MONTH DAY
    """
)
_IGNORED = re.compile(
    r"""<[^<>"{}|^`\\\s]*>  # an IRI
    |\#[^\n]*
    |\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'""",
    re.VERBOSE | re.DOTALL,
)
_NAME = re.compile(r"@[\w-]+|[\w.-]*:[\w.-]*")
_VARIABLE = re.compile(r"[?$]\w+")
_WORD = re.compile(r"[A-Za-z_]+")
_OTHER_SYNTAX = {
    "a cast or a function by IRI": re.compile(r"(?:[\w-]*:[\w.-]+|<>)\s*\("),
    "a negated property set": re.compile(r"!\s*(?:\^|<|a\b|[\w-]*:|\(\s*(?:\^|<|a\b|[\w-]*:))"),
    "a chain with subtraction": re.compile(
        r"(?:[?$]\w+|[\d)])\s*-[^;{}<>=!&|,]*[-+]|[-+][^;{}<>=!&|,]*(?:[?$]\w+|[\d)])\s*-"
    ),
    "multiplication": re.compile(r"(?:[?$]\w+|(?<![\w:.-])\d+)\s*\*|\)\s*\*\s*[\d(]"),
    "division": re.compile(r"[?$]\w+\s*/|/\s*[?$\d]|\)\s*/\s*\("),
    "IN with numbers": re.compile(r"\bIN\s*\([^()]*(?<![\w:.-])[-+]?[.\d]", re.IGNORECASE),
    "a reserved variable": re.compile(r"[?$](?:shapesGraph|currentShape|failure)\b"),
}


def others(shapes: Graph) -> list[str]:
    """What the shapes use beyond it, in words, sorted; empty if the fast runner may answer."""
    used = {term.removeprefix(str(SH)) for t in shapes for term in t if isinstance(term, URIRef) and term in SH}
    found = {f"sh:{name}" for name in used - _TERMS}
    if any(isinstance(path, BNode) for path in shapes.objects(None, SH.inversePath)):
        found.add("an inverse of a longer path")  # pySHACL walks its steps in the wrong order
    for query in shapes.objects(None, SH.select):
        found |= {f"{what} in a SPARQL rule" for what in _other_sparql(str(query))}
    return sorted(found)


def _other_sparql(query: str) -> Iterator[str]:
    text = _IGNORED.sub(lambda part: "<>" if part[0][0] == "<" else '""' if part[0][0] in "\"'" else " ", query)
    text = _NAME.sub("n:n", text)
    for what, pattern in _OTHER_SYNTAX.items():
        if pattern.search(text):
            yield what
    for word in _WORD.findall(_VARIABLE.sub(" ", text).replace("n:n", " ")):
        if word.upper() not in _WORDS:
            yield word.upper()
