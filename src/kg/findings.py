"""What a check finds, and how it is told: to people (text), programs (JSON) and triple stores (SHACL report).

Severities are SHACL's: a *violation* stands in the way of a release, a *warning* and an *info* do not. A *waived*
warning is one that somebody has accepted, with a reason (``kg.waivers``); it is kept, but no longer counted.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from kg.terms import PREFIXES

SEVERITIES = ("violation", "warning", "info")
SHOWN_PER_RULE = 3
SHOWN_CHARACTERS = 200
_SIMPLE_PATH = re.compile(r"(\^?)<([^<>]*)>")
_IRI = re.compile(r"<([^<>]*)>")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a look.

    ``file`` is relative to the project; ``line`` and ``column`` count from 1, 0 means unknown. ``focus`` and ``rule``
    are IRIs (``rule`` a word for checks that are not shapes), ``path`` a SPARQL property path with full IRIs,
    ``value`` an RDF term in N-Triples, ``messages`` sentences by language, ``text`` the offending line of a file that
    does not parse, ``waived`` who accepted it, when and why.
    """

    severity: str
    rule: str
    messages: dict[str, str] = field(hash=False)
    file: str = ""
    line: int = 0
    column: int = 0
    focus: str = ""
    path: str = ""
    value: str = ""
    component: str = ""
    text: str = ""
    waived: str = ""

    def message(self, language: str = "en") -> str:
        """The message in ``language``, else in English, else in any."""
        return self.messages.get(language) or self.messages.get("en") or next(iter(self.messages.values()), "")

    def where(self) -> str:
        """``file:line:column`` as far as known, as editors and terminals understand it."""
        parts = [self.file or "(no file)"]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)

    def order(self) -> tuple[int, str, str, int, str, str, str]:
        """The sort key: worst first, then by file and rule, then by line."""
        rank = SEVERITIES.index(self.severity)
        return (rank, self.file, self.rule, self.line, self.focus, self.path, self.value)


@dataclass(frozen=True)
class CheckReport:
    """The outcome of a check: findings in a stable order, and how much was looked at."""

    findings: tuple[Finding, ...]
    files: int
    triples: int

    @property
    def conforms(self) -> bool:
        """True if nothing stands in the way of a release."""
        return not any(f.severity == "violation" for f in self.findings)

    @property
    def spotless(self) -> bool:
        """True if there is no violation, and no warning but waived ones."""
        return not any(f.severity != "info" and not f.waived for f in self.findings)

    @property
    def waived(self) -> int:
        """How many findings somebody has accepted."""
        return sum(bool(f.waived) for f in self.findings)

    def counts(self) -> dict[str, int]:
        """How many findings of each severity, without the waived ones."""
        found = Counter(f.severity for f in self.findings if not f.waived)
        return {severity: found[severity] for severity in SEVERITIES}


def report(findings: Iterable[Finding], files: int, triples: int) -> CheckReport:
    """Put findings into their stable order."""
    return CheckReport(tuple(sorted(findings, key=Finding.order)), files, triples)


def compact(term: str, base: str, prefixes: dict[str, str]) -> str:
    """An IRI or property path as people write it: ``ex:holder``, ``id/state/ITA``; other text unchanged."""
    if "<" in term:
        return _IRI.sub(lambda match: compact(match[1], base, prefixes), term)
    iri = term
    best = max((n for n in prefixes.values() if iri.startswith(n)), key=len, default="")
    if best and best != base and (local := iri.removeprefix(best)).replace("-", "").replace("_", "").isalnum():
        prefix = next(p for p, n in prefixes.items() if n == best)
        return f"{prefix}:{local}"
    return iri.removeprefix(base) or iri


def as_text(
    checked: CheckReport, base: str, prefixes: dict[str, str], language: str = "en", every: bool = False
) -> Iterator[str]:
    """The report as lines for a terminal.

    Findings of one rule in one file stand together; beyond the first three of them only their number is given unless
    ``every`` is set, so that two thousand findings stay readable. Waived ones are shown only then, too.
    """
    told = checked.findings if every else tuple(f for f in checked.findings if not f.waived)
    for (_, _, rule), group in groupby(told, key=lambda f: (f.severity, f.file, f.rule)):
        found = list(group)
        shown = found if every else found[:SHOWN_PER_RULE]
        for finding in shown:
            yield from _finding_lines(finding, base, prefixes, language)
        if left := len(found) - len(shown):
            yield f"    ... and {left:,} more of {compact(rule, base, prefixes)} in {found[0].file} (--all shows them)"
            yield ""
    yield from _summary_lines(checked, base, prefixes)


def _finding_lines(finding: Finding, base: str, prefixes: dict[str, str], language: str) -> Iterator[str]:
    focus = compact(finding.focus, base, prefixes)
    path = compact(finding.path, base, prefixes)
    yield f"{finding.where()}: {finding.severity}: {' '.join(part for part in (focus, path) if part)}".rstrip(": ")
    yield f"    {finding.message(language)}"
    if finding.text:
        yield f"    | {_shown(finding.text)}"
        if 0 < finding.column <= SHOWN_CHARACTERS:
            yield f"    | {' ' * (finding.column - 1)}^"
    if finding.value:
        lexical, mark, datatype = finding.value.rpartition("^^")
        value = lexical + mark + compact(datatype, base, prefixes) if mark or datatype[:1] == "<" else finding.value
        yield f"    value: {_shown(value)}"
    yield f"    rule:  {compact(finding.rule, base, prefixes)}"
    if finding.waived:
        yield f"    waived: {_shown(finding.waived)}"
    yield ""


def _shown(text: str) -> str:
    """The text as a terminal can show it: no control characters (a tab becomes one space), not endless."""
    plain = "".join(c if c.isprintable() else " " if c == "\t" else "\ufffd" for c in text[:SHOWN_CHARACTERS])
    return plain + ("…" if len(text) > SHOWN_CHARACTERS else "")


def _summary_lines(checked: CheckReport, base: str, prefixes: dict[str, str]) -> Iterator[str]:
    rules = Counter((f.severity, f.rule) for f in checked.findings if not f.waived)
    if rules.total() > SHOWN_PER_RULE:
        for (severity, rule), count in sorted(rules.items(), key=lambda item: (SEVERITIES.index(item[0][0]), -item[1])):
            yield f"{count:>7,}  {severity:<9}  {compact(rule, base, prefixes)}"
        yield ""
    counts = ", ".join(
        [f"{n:,} {name}{'' if n == 1 else 's'}" for name, n in checked.counts().items() if n]
        + ([f"{checked.waived:,} waived"] if checked.waived else [])
    )
    looked_at = f"{checked.files:,} file{'' if checked.files == 1 else 's'}" + (
        f", {checked.triples:,} triples" if checked.triples else ""
    )
    yield f"{looked_at} checked: {counts or 'nothing found'}"


def as_json(checked: CheckReport) -> str:
    """The report as JSON: ``{"conforms", "files", "triples", "counts", "waived", "findings": [...]}``.

    Empty fields of a finding are left out.
    """
    findings = [
        {key: value for key, value in vars(finding).items() if value not in ("", 0)} for finding in checked.findings
    ]
    whole = {
        "conforms": checked.conforms,
        "files": checked.files,
        "triples": checked.triples,
        "counts": checked.counts(),
        "waived": checked.waived,
        "findings": findings,
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def as_shacl(checked: CheckReport) -> list[ox.Triple]:
    """The report as a ``sh:ValidationReport`` (SHACL, section 3.6), results in the report's order."""
    sh, rdf = PREFIXES["sh"], PREFIXES["rdf"]

    def name(local: str) -> ox.NamedNode:
        return ox.NamedNode(sh + local)

    a = ox.NamedNode(rdf + "type")
    top = ox.BlankNode("report")
    triples = [ox.Triple(top, a, name("ValidationReport")), ox.Triple(top, name("conforms"), _boolean(checked))]
    for number, finding in enumerate(checked.findings, start=1):
        node = ox.BlankNode(f"result{number:05}")
        triples.append(ox.Triple(top, name("result"), node))
        triples.append(ox.Triple(node, a, name("ValidationResult")))
        triples.append(ox.Triple(node, name("resultSeverity"), name(finding.severity.capitalize())))
        if finding.focus:
            triples.append(ox.Triple(node, name("focusNode"), ox.NamedNode(finding.focus)))
        # Longer paths are told by the message; the report names the shape that holds them.
        if path := _SIMPLE_PATH.fullmatch(finding.path):
            end = ox.NamedNode(path[2])
            inverse = ox.BlankNode(f"path{number:05}")
            triples.append(ox.Triple(node, name("resultPath"), inverse if path[1] else end))
            triples += [ox.Triple(inverse, name("inversePath"), end)] if path[1] else []
        if finding.value and (value := _term(finding.value)) is not None:
            triples.append(ox.Triple(node, name("value"), value))
        if finding.rule.startswith("http"):
            triples.append(ox.Triple(node, name("sourceShape"), ox.NamedNode(finding.rule)))
        if finding.component:
            triples.append(ox.Triple(node, name("sourceConstraintComponent"), ox.NamedNode(finding.component)))
        for language, message in sorted(finding.messages.items()):
            text = message if finding.focus else f"{finding.where()}: {message}"
            triples.append(ox.Triple(node, name("resultMessage"), ox.Literal(text, language=language)))
        if finding.waived:
            triples.append(ox.Triple(node, ox.NamedNode(PREFIXES["rdfs"] + "comment"), ox.Literal(finding.waived)))
    return triples


def _boolean(checked: CheckReport) -> ox.Literal:
    return ox.Literal(checked.conforms)


def _term(ntriples: str) -> ox.NamedNode | ox.Literal | None:
    try:
        parsed = next(ox.parse(f"<urn:x> <urn:x> {ntriples} .", ox.RdfFormat.N_TRIPLES)).object
    except (SyntaxError, StopIteration):
        return None
    return parsed if isinstance(parsed, ox.NamedNode | ox.Literal) else None
