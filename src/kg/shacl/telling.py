"""A result of SHACL -> a finding, with the file and line of its focus node."""

from __future__ import annotations

from rdflib import SH

from kg.findings import Finding
from kg.locate import Locator
from kg.shacl.results import Result

_SEVERITY = {str(SH.Violation): "violation", str(SH.Warning): "warning", str(SH.Info): "info"}


def finding(result: Result, locate: Locator) -> Finding:
    """The finding of a result; blank nodes, which have no name that a reader could look for, are left out of it."""
    focus = result.focus[1:-1] if result.focus.startswith("<") else ""
    file, line = locate.find(focus)
    return Finding(
        severity=_SEVERITY.get(result.severity, "violation"),
        rule=result.shape,
        messages={language or "en": " ".join(text.split()) for language, text in result.messages},
        file=file,
        line=line,
        focus=focus,
        path=result.path,
        value=result.value if not result.value.startswith("_:") else "",
        component=result.component,
    )
