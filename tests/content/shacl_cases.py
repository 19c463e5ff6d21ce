"""Small shapes and data on which validators are known to differ: each pair is validated by both runners.

One for each component of SHACL Core (section 4), for targets, paths, severities and messages, and for what is allowed in
SPARQL rules (section 5). ``FALLBACK`` are rules that the fast runner must leave to the reference.
"""

from __future__ import annotations

PREFIXES = """
@prefix : <urn:t:> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
:prefixes sh:declare [ sh:prefix "" ; sh:namespace "urn:t:"^^xsd:anyURI ] ,
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] ,
    [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] .
"""

# Every kind of value that a graph may hold, each on a node of its own and all of them on one.
VALUES = (
    '1', '01', '-3', '1.0', '1.50', '2.5', '1e0', '"INF"^^xsd:double', '"1"^^xsd:int', 'true',
    '"1"^^xsd:boolean', '"yes"^^xsd:boolean', '"abc"^^xsd:integer', '""', '"a"', '"ab c"', '"äöü"', '"x\\ny"', '"ends\\n"',
    '"a"@en', '"A"@en', '"a"@de', '"b"@de-AT', '"2024-01-01"^^xsd:date', '"2024-02-30"^^xsd:date',
    '"2024-01-02"^^xsd:date', '"2024-01-01Z"^^xsd:date', '"2024-01-01T00:00:00"^^xsd:dateTime',
    '"2024-01-01T00:00:00Z"^^xsd:dateTime', '"2024-01-01T05:00:00+05:00"^^xsd:dateTime', '"2024"^^xsd:gYear',
    '"P1D"^^xsd:dayTimeDuration', '"x"^^:datatype', '"http://e.org/x"^^xsd:anyURI', ':iri', '<http://e.org/x>', '_:blank',
    '"1.0"^^xsd:string', '"<b>x</b>"^^rdf:HTML',
)  # fmt: skip
DATA = (
    "\n".join(f":n{i} a :Thing ; :p {value} ." for i, value in enumerate(VALUES))
    + "\n"
    + f""":all a :Thing ; :p {" , ".join(VALUES)} . :none a :Thing . :iri a :Sub . :Sub rdfs:subClassOf :Other ."""
)
# Without the blank node: what STR says of one differs, and means nothing.
EACH = "\n".join(f":n{i} a :Thing ; :p {value} ." for i, value in enumerate(VALUES) if value != "_:blank")
# Values that can be compared with a limit of their kind, and texts, which can be compared with none of these.
_OTHERS = ('"a"', '"1"', '"a"@en', '""', ":iri", "_:blank", '"abc"^^xsd:integer')
KINDS = {
    "numbers": ("1", "01", "-3", "1.0", "1.50", "2.5", "1e0", '"1"^^xsd:int', '"INF"^^xsd:double', *_OTHERS),
    "dates": ('"2023-12-31"^^xsd:date', '"2024-01-01"^^xsd:date', '"2024-01-02"^^xsd:date', '"x"^^xsd:date', *_OTHERS),
    "times": (
        '"2024-01-01T00:00:00Z"^^xsd:dateTime',
        '"2024-01-01T05:00:00+05:00"^^xsd:dateTime',
        '"2023-12-31T22:00:00-03:00"^^xsd:dateTime',
        *_OTHERS,
    ),
    "texts": ('"a"', '"b"', '"A"', '"ä"', '""', '"ab"', ":iri", "1", '"2024-01-01"^^xsd:date'),
}
PEOPLE = """
:Adult rdfs:subClassOf :Person . :ann a :Adult ; :name "Ann" , "Anna"@de ; :knows :ben , :cat ; :age 40 ; :parent :cat .
:ben a :Person ; :name "Ben"@en , "Ben"@de , "Benjamin"@de ; :knows :ben ; :age 7 ; :parent :ann , :cat .
:cat a :Person ; :knows :dan , [ :name "blank" ] ; :age 70 ; :since "2020-01-01"^^xsd:date ; :until "2019-01-01"^^xsd:date .
:dan a :Robot ; :name "Dan" ; :knows :ann ; :age 3.5 ; :list ( 1 2 :ann ) ; rdfs:label "D" , "E"@en .
"""


def constrained(constraint: str) -> str:
    """A constraint on the values of ``:p`` of each thing, with messages in two languages."""
    return f':S a sh:NodeShape ; sh:targetClass :Thing ; sh:property [ sh:path :p ; sh:message "do"@en , "tu"@de ; {constraint} ] .'


CORE = {
    name: (constrained(text), DATA)
    for name, text in {
        "class": "sh:class :Other",
        "several classes": "sh:class :Other , :Sub",
        "datatype integer": "sh:datatype xsd:integer",
        "datatype decimal": "sh:datatype xsd:decimal",
        "datatype boolean": "sh:datatype xsd:boolean",
        "datatype date": "sh:datatype xsd:date",
        "datatype string": "sh:datatype xsd:string",
        "datatype langString": "sh:datatype rdf:langString",
        "datatype of nobody": "sh:datatype :datatype",
        "nodeKind IRI": "sh:nodeKind sh:IRI",
        "nodeKind literal": "sh:nodeKind sh:Literal",
        "nodeKind blank": "sh:nodeKind sh:BlankNode",
        "nodeKind blank or IRI": "sh:nodeKind sh:BlankNodeOrIRI",
        "nodeKind blank or literal": "sh:nodeKind sh:BlankNodeOrLiteral",
        "nodeKind IRI or literal": "sh:nodeKind sh:IRIOrLiteral",
        "minCount": "sh:minCount 1",
        "minCount 2": "sh:minCount 2",
        "maxCount": "sh:maxCount 1",
        "maxCount 0": "sh:maxCount 0",
        "minLength": "sh:minLength 2",
        "maxLength": "sh:maxLength 2",
        "pattern": 'sh:pattern "^[a-z]+$"',
        "pattern with flags": 'sh:pattern "^A b" ; sh:flags "ix"',
        "pattern of words": r'sh:pattern "^\\w+\\s?\\d*\\b"',
        "pattern at the end": 'sh:pattern "ends$"',
        "pattern over lines": 'sh:pattern "^y" ; sh:flags "m"',
        "pattern with a dot": 'sh:pattern "x.y" ; sh:flags "s"',
        "pattern looking ahead": 'sh:pattern "^(?=a)(?!.*c)" ',
        "languageIn": 'sh:languageIn ( "de" "fr" )',
        "languageIn region": 'sh:languageIn ( "de-AT" )',
        "uniqueLang": "sh:uniqueLang true",
        "equals": "sh:equals :q",
        "disjoint": "sh:disjoint :p",
        "in": 'sh:in ( 1 "a" "a"@de :iri 2.5 1.0 true )',
        "hasValue": "sh:hasValue 1",
        "hasValue in another spelling": 'sh:hasValue "1.5"^^xsd:decimal',
        "not": "sh:not [ sh:nodeKind sh:IRI ]",
        "and": "sh:and ( [ sh:nodeKind sh:Literal ] [ sh:datatype xsd:integer ] )",
        "or": "sh:or ( [ sh:nodeKind sh:IRI ] [ sh:datatype xsd:integer ] )",
        "xone": "sh:xone ( [ sh:nodeKind sh:IRI ] [ sh:class :Sub ] [ sh:datatype xsd:date ] )",
        "node": "sh:node [ sh:class :Sub ; sh:nodeKind sh:IRI ]",
        "qualified": "sh:qualifiedValueShape [ sh:datatype xsd:integer ] ; sh:qualifiedMinCount 2 ; sh:qualifiedMaxCount 3",
    }.items()
} | {
    "no message: " + name: (f":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :age ; {text} ] .", PEOPLE)
    for name, text in {
        "one value": "sh:maxInclusive 20",
        "several values": "sh:class :A , :B",
        "a list": "sh:in ( 1 2 )",
        "logic": "sh:not [ sh:nodeKind sh:Literal ]",
        "count": "sh:minCount 3",
    }.items()
} | {
    name: (text, PEOPLE)
    for name, text in {
        "lessThan": ":S sh:targetClass :Person ; sh:property [ sh:path :since ; sh:lessThan :until , :name ; sh:message 'm' ] .",
        "lessThanOrEquals": ":S sh:targetClass :Adult ; sh:property [ sh:path :knows ; sh:lessThanOrEquals :age ; sh:message 'm' ] .",
        "equals and disjoint": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :knows ; sh:equals :parent ; sh:message 'm' ] , [ sh:path :knows ; sh:disjoint :parent ; sh:message 'n' ] .",
        "closed": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ; sh:message 'm'@en ; sh:property [ sh:path :name ] , [ sh:path ( :age :x ) ] , :P . :P sh:path :parent .",
        "closed false": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:closed false ; sh:property [ sh:path :name ] .",
        "qualified and disjoint": """:S a sh:NodeShape ; sh:targetClass :Person ; sh:message "m" ;
            sh:property [ sh:path :knows ; sh:qualifiedValueShape [ sh:class :Person ] ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ; sh:message "p" ] ,
                [ sh:path :knows ; sh:qualifiedValueShape [ sh:class :Robot ] ; sh:qualifiedMinCount 1 ; sh:qualifiedValueShapesDisjoint true ; sh:message "r" ] .""",
        "nested properties": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :knows ; sh:message 'k'; sh:property [ sh:path :name ; sh:minCount 1 ; sh:message 'n'@en , 'N'@de ] ; sh:node [ sh:property [ sh:path :age ; sh:maxCount 0 ] ; sh:message 'inner' ] ] .",
        "a named node shape": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :knows ; sh:node :T ; sh:message 'k' ] . :T a sh:NodeShape ; sh:property [ sh:path :name ; sh:minCount 1 ] .",
        "shared property shape": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property :P . :R a sh:NodeShape ; sh:targetClass :Robot ; sh:property :P . :P a sh:PropertyShape ; sh:path :name ; sh:maxCount 0 ; sh:message 'm' .",
        "property shape with a target": ":P a sh:PropertyShape ; sh:path :name ; sh:targetClass :Person ; sh:maxCount 1 ; sh:message 'm' .",
        "blank shape with a target": "[] a sh:NodeShape ; sh:targetClass :Person ; sh:nodeKind sh:Literal ; sh:message 'm' .",
        "severities": """:S a sh:NodeShape ; sh:targetClass :Person ; sh:severity sh:Warning ; sh:nodeKind sh:Literal ; sh:message 'm' ;
            sh:property [ sh:path :name ; sh:maxCount 0 ; sh:severity sh:Info ; sh:message 'i' ] , [ sh:path :age ; sh:maxCount 0 ; sh:message 'v' ] .
            :O a sh:NodeShape ; sh:targetClass :Robot ; sh:severity :own ; sh:nodeKind sh:Literal ; sh:message 'o' .""",
        "deactivated": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:deactivated true ; sh:nodeKind sh:Literal . :R a sh:NodeShape ; sh:targetClass :Robot ; sh:property [ sh:path :name ; sh:maxCount 0 ; sh:deactivated true ] ; sh:node [ sh:deactivated true ; sh:nodeKind sh:Literal ] .",
        "targets": """:N sh:targetNode :ann , "literal" , 5 ; sh:nodeKind sh:BlankNode ; sh:message 'n' . :S sh:targetSubjectsOf :age ; sh:nodeKind sh:Literal ; sh:message 's' .
            :O sh:targetObjectsOf :name , :knows ; sh:nodeKind sh:BlankNode ; sh:message 'o' . :Robot a rdfs:Class , sh:NodeShape ; sh:nodeKind sh:Literal ; sh:message 'implicit' .""",
        "target with subclasses": ":S sh:targetClass :Person , :Adult ; sh:nodeKind sh:Literal ; sh:message 'm' .",
        "several messages": ":S sh:targetClass :Person ; sh:nodeKind sh:Literal ; sh:message 'one'@en , 'two'@en , 'none' , 'eins'@de , 'drei'@de-AT .",
        "message over lines": ":S sh:targetClass :Person ; sh:nodeKind sh:Literal ; sh:message '''one\n   two'''@en .",
    }.items()
} | {
    f"path {path}": (f":S a sh:NodeShape ; sh:targetClass :Person , :Robot ; sh:property [ sh:path {path} ; sh:maxCount 0 ; sh:message 'm' ] , [ sh:path {path} ; sh:nodeKind sh:BlankNode ; sh:message 'n' ] .", PEOPLE)
    for path in (
        "( :knows :name )", "[ sh:inversePath :knows ]", "[ sh:alternativePath ( :name :age ) ]", "[ sh:zeroOrMorePath :knows ]",
        "[ sh:oneOrMorePath :knows ]", "[ sh:zeroOrOnePath :knows ]", "( :knows [ sh:zeroOrMorePath :parent ] :name )",
        "[ sh:zeroOrMorePath [ sh:alternativePath ( :knows [ sh:inversePath :parent ] ) ] ]",
        "( :list [ sh:zeroOrMorePath rdf:rest ] rdf:first )", "( [ sh:alternativePath ( :knows :parent ) ] [ sh:inversePath :knows ] )",
    )
}  # fmt: skip


def _literals(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values if value not in (":iri", "_:blank", '"a"@en'))


LIMITS = {
    "numbers": ("1", "1.5", "1e0", "-3"),
    "dates": ('"2024-01-01"^^xsd:date',),
    "times": ('"2024-01-01T00:00:00Z"^^xsd:dateTime', '"2023-12-31T23:00:00-02:00"^^xsd:dateTime'),
    "texts": ('"a"',),
}
RANGES = {
    f"{component} {limit}": (
        constrained(f"sh:{component} {limit}"),
        "\n".join(f":n{i} a :Thing ; :p {value} ." for i, value in enumerate(KINDS[kind])),
    )
    for kind, limits in LIMITS.items()
    for limit in limits
    for component in ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
}
PAIRS = {
    f"{component} of {kind}": (
        constrained(f"sh:{component} :q"),
        "\n".join(
            f":n{i}x{j} a :Thing ; :p {one} ; :q {two} ."
            for i, one in enumerate(values)
            for j, two in enumerate(values)
        ),
    )
    for kind, values in (
        (kind, values[:-3] if kind == "texts" else _literals(values)) for kind, values in KINDS.items()
    )
    for component in ("lessThan", "lessThanOrEquals", "equals", "disjoint")
}


def rule(select: str, more: str = "", message: str = '"en {?value} of {$this}"@en , "de {$value}"@de') -> str:
    """A SPARQL rule on each thing."""
    return (
        f":S a sh:NodeShape ; sh:targetClass :Thing , :Person , :Robot ; {more} sh:sparql "
        f'[ sh:prefixes :prefixes ; sh:message {message} ; sh:select """SELECT {select}""" ] .'
    )


# Functions of values of every kind.
FUNCTIONS = {
    f"function {text}": (rule(f"$this ?value WHERE {{ $this :p ?v . BIND({text} AS ?value) }}"), EACH)
    for text in (
        "STR(?v)", "LANG(?v)", "DATATYPE(?v)", "STRLEN(STR(?v))", "UCASE(STR(?v))", "LCASE(STR(?v))", "LCASE(?v)",
        "CONCAT(STR(?v), 'x')", "SUBSTR(STR(?v), 2)", "SUBSTR(STR(?v), 1, 4)", "REPLACE(STR(?v), 'a+', 'b')",
        "STRBEFORE(STR(?v), '-')", "STRAFTER(STR(?v), '-')", "isLiteral(?v)", "isIRI(?v)", "isBlank(?v)", "sameTerm(?v, 1)",
        "STRSTARTS(STR(?v), 'a')", "STRENDS(STR(?v), 'a')", "CONTAINS(STR(?v), 'a')", "REGEX(STR(?v), '^[a-z]+$')",
        "REGEX(STR(?v), 'A', 'i')", "LANGMATCHES(LANG(?v), 'de')", "LANGMATCHES(LANG(?v), '*')", "BOUND(?v)", "BOUND(?w)",
        "COALESCE(?w, 'none')", "IF(isIRI(?v), 'i', 'l')",
    )
}  # fmt: skip
FILTERS = {
    f"filter {text}": (rule(f"$this ?value WHERE {{ $this :p ?value FILTER({text}) }}"), EACH)
    for text in (
        "REGEX(?value, 'a')", "STRSTARTS(?value, 'a')", "LANG(?value) = 'en'", "LANG(?value) != ''", "?value + 1 = 2",
        "DATATYPE(?value) = xsd:date", "DATATYPE(?value) != xsd:integer", "isLiteral(?value) && LANG(?value) = ''",
        "isIRI(?value) || isBlank(?value)", "!isLiteral(?value)", "?value = :iri", "?value IN (:iri, 'a')", "?value = 1",
        "?value = 'a'", "STRLEN(STR(?value)) < 2", "STR(?value) > 'b'", "?value IN ('a', 'ab c')",
    )
}  # fmt: skip
SPARQL = {
    name: (text, PEOPLE)
    for name, text in {
        "value": rule("$this ?value WHERE { $this :age ?value FILTER(?value > 10) }"),
        "no value": rule("$this WHERE { $this :age ?age FILTER(?age > 10) }"),
        "value unbound": rule("$this ?value WHERE { $this :age ?age OPTIONAL { $this :parent ?value } }"),
        "another variable": rule("$this ?other WHERE { $this :knows ?other }", message='"meet {?other} and {$other}, {?none}"@en'),
        "star": rule("* WHERE { $this :knows ?value ; :age ?age }", message='"at {?age}"@en'),
        "path": rule("$this ?path ?value WHERE { $this ?path ?value }", message='"{?path}"'),
        "this computed": rule("$this (STR(?age) AS ?value) WHERE { $this :age ?age }"),
        "other focus": rule("(?other AS ?value) $this WHERE { $this :knows ?other }"),
        "distinct": rule("DISTINCT $this WHERE { $this :knows ?other }"),
        "twice the same": rule("$this ?value WHERE { $this :age ?value ; :knows ?other }"),
        "messages of shape and rule": rule("$this ?value WHERE { $this :age ?value }", 'sh:message "shape {?value}"@en , "Form"@de ;'),
        "no message": rule("$this ?value WHERE { $this :age ?value }").replace('sh:message "en {?value} of {$this}"@en , "de {$value}"@de ;', ""),
        "message of shape": rule("$this ?value WHERE { $this :age ?value }", 'sh:message "shape {?value}"@en , "Form"@de ;').replace('sh:message "en {?value} of {$this}"@en , "de {$value}"@de ;', ""),
        "message twice": rule("$this WHERE { $this :age ?value }", 'sh:message "same"@en ;', '"same"@en , "same"@de , "same"'),
        "severity": rule("$this WHERE { $this :age ?value }", "sh:severity sh:Warning ;"),
        "deactivated": rule("$this WHERE { $this :age ?value }", message='"m" ; sh:deactivated true'),
        "several rules": rule("$this WHERE { $this :age ?value }") + rule("$this WHERE { $this :knows $this }"),
        "not exists": rule("$this WHERE { $this a ?class FILTER NOT EXISTS { $this :name ?name } }"),
        "exists": rule("$this WHERE { FILTER EXISTS { $this :knows/:name ?name FILTER(?name = 'Ann') } }"),
        "nested exists": rule("$this ?value WHERE { $this :knows ?value FILTER NOT EXISTS { ?value :knows ?x FILTER EXISTS { ?x :knows $this } } }"),
        "optional": rule("$this ?value WHERE { $this :age ?age OPTIONAL { $this :since ?value FILTER(?age > 10) } FILTER(!BOUND(?value)) }"),
        "union": rule("$this ?value WHERE { { $this :parent ?value } UNION { ?value :knows $this } }"),
        "union without this": rule("$this ?value WHERE { { $this :parent ?value } UNION { ?value a :Robot } }"),
        "filter on this in a group": rule("$this WHERE { ?x :knows ?y { FILTER(isIRI($this)) ?y :knows ?z } }"),
        "aggregate": rule("$this (COUNT(?x) AS ?value) WHERE { $this :knows ?x } GROUP BY $this HAVING (COUNT(?x) > 1)"),
        "aggregates": rule("$this (SUM(?a) AS ?value) WHERE { $this :knows/:age ?a } GROUP BY $this HAVING (MAX(?a) > MIN(?a))"),
        "distinct count": rule("$this WHERE { $this :knows/:knows ?x } GROUP BY $this HAVING (COUNT(DISTINCT ?x) > 1)"),
        "sub-select": rule("$this ?value WHERE { { SELECT $this (COUNT(?x) AS ?value) WHERE { $this :knows ?x } GROUP BY $this } FILTER(?value > 1) }"),
        "sub-select of two": rule("$this ?value WHERE { $this :knows ?value { SELECT $this ?value (MAX(?a) AS ?top) WHERE { $this a ?t . ?value :age ?a } GROUP BY $this ?value } FILTER(?top > 5) }"),
        "paths": rule("$this ?value WHERE { $this (:knows|:parent)+/:name ?value }"),
        "path star": rule("$this ?value WHERE { $this :parent* ?value }"),
        "path optional": rule("$this ?value WHERE { $this :parent?/^:knows ?value }"),
        "path to itself": rule("$this WHERE { $this :knows+ $this }"),
        "list": rule("$this ?value WHERE { $this :list/rdf:rest*/rdf:first ?value }"),
        "blank in the query": rule("$this WHERE { $this :knows [ :age ?age ] FILTER(?age > 10) }"),
        "dates": rule("$this ?value WHERE { $this :since ?value ; :until ?until FILTER(?until < ?value) }"),
        "date parts": rule("$this (YEAR(?since) AS ?value) WHERE { $this :since ?since FILTER(MONTH(?since) = 1 && DAY(?since) < 2) }"),
        "arithmetic": rule("$this (?a - 1 AS ?value) WHERE { $this :age ?a FILTER(?a + 0.5 > 7.5) }"),
        "literal and comment": rule("$this WHERE { $this :name ?n # LIMIT\n FILTER(STR(?n) = 'MINUS' || STR(?n) = 'Ann') }"),
        "literals as focus": ":S sh:targetNode 'lit' , 5 , :ann ; sh:sparql [ sh:prefixes :prefixes ; sh:message 'x' ; sh:select 'SELECT $this WHERE { FILTER NOT EXISTS { ?s :knows $this } }' ] .",
        "on a property": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :age ; sh:sparql [ sh:prefixes :prefixes ; sh:message 'm {?value} {?path}'@en ; sh:select 'SELECT $this ?value WHERE { $this $PATH ?value FILTER(?value > 10) }' ] ] .",
        "on an inverse path": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path [ sh:inversePath :knows ] ; sh:sparql [ sh:prefixes :prefixes ; sh:message 'm {?value}'@en ; sh:select 'SELECT $this ?value WHERE { $this $PATH ?value }' ] ] .",
        "on a property, no value": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:property [ sh:path :age ; sh:sparql [ sh:prefixes :prefixes ; sh:message 'm {?value}'@en ; sh:select 'SELECT $this WHERE { $this $PATH ?v }' ] ] .",
        "in a logical constraint": ":S a sh:NodeShape ; sh:targetClass :Person ; sh:message 'm' ; sh:not [ sh:sparql [ sh:prefixes :prefixes ; sh:select 'SELECT $this WHERE { $this :age ?a FILTER(?a > 10) }' ] ] .",
    }.items()
}  # fmt: skip
CASES = CORE | RANGES | PAIRS | FUNCTIONS | FILTERS | SPARQL

# What the fast runner is not asked, and the word by which the reason is told.
FALLBACK = {
    "cast": ("a cast", rule("$this WHERE { $this :age ?a FILTER(xsd:integer(?a) > 10) }")),
    "cast by IRI": ("a cast", rule("$this WHERE { $this :age ?a FILTER(<http://www.w3.org/2001/XMLSchema#integer>(?a) > 1) }")),
    "now": ("NOW", rule("$this ?value WHERE { $this :since ?value FILTER(YEAR(NOW()) > 2020) }")),
    "limit": ("LIMIT", rule("$this ?value WHERE { $this :age ?value } LIMIT 1")),
    "group concat": ("GROUP_CONCAT", rule("$this (GROUP_CONCAT(?n) AS ?value) WHERE { $this :name ?n } GROUP BY $this")),
    "multiplication": ("multiplication", rule("$this (?a * 2 AS ?value) WHERE { $this :age ?a }")),
    "chain": ("a chain", rule("$this (?a - 1 + 2 AS ?value) WHERE { $this :age ?a }")),
    "inverse of a sequence": ("an inverse", ":S sh:targetClass :Person ; sh:property [ sh:path [ sh:inversePath ( :knows :parent ) ] ; sh:maxCount 0 ] ."),
    "division": ("division", rule("$this (?a / 3 AS ?value) WHERE { $this :age ?a }")),
    "IN with numbers": ("IN with numbers", rule("$this WHERE { $this :age ?a FILTER(?a NOT IN (1, 7.0)) }")),
    "negated property set": ("a negated", rule("$this ?value WHERE { $this !(:age|rdf:type) ?value }")),
    "another vocabulary": ("sh:entailment", ":x sh:entailment :y . " + rule("$this WHERE { $this :age ?a }")),
    "sub-select without this": ("must project", rule("$this ?value WHERE { { SELECT (COUNT(?x) AS ?value) WHERE { ?y :age ?x } } FILTER(?value > 1) }")),
}  # fmt: skip
# What neither runner accepts.
WRONG = {
    "graph": rule("$this WHERE { GRAPH ?g { $this :age ?a } }"),
    "minus": rule("$this WHERE { $this :age ?a MINUS { $this :name ?n } }"),
    "values": rule("$this WHERE { VALUES ?a { 7 } $this :age ?a }"),
    "syntax": rule("$this WHERE { $this :age }"),
    "prefix": rule("$this WHERE { $this no:prefix ?a }"),
    "path": ":S sh:targetClass :Person ; sh:property [ sh:minCount 1 ] .",
}
