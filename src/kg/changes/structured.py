"""What happened to things, as JSON: the same as in words, with the IRIs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from kg.changes.comparison import Comparison, Entry
from kg.changes.telling import Teller, Told
from kg.representation.view import Term


def as_json(comparison: Comparison, teller: Teller, entries: Sequence[Entry], shown: Iterable[Told]) -> dict[str, Any]:
    """``entries`` are counted, those ``shown`` are told."""
    counts: dict[str, Counter[str]] = {}
    for entry in entries:
        counts.setdefault(entry.group, Counter())[entry.kind] += 1
    return {
        "from": comparison.before.facts.name or None,
        "to": comparison.after.facts.name,
        "language": teller.language,
        "classes": [
            {"iri": group or None, "name": teller.name(group).text if group else None, **kinds}
            for group, kinds in counts.items()
        ],
        "things": [_thing(told) for told in shown],
    }


def written(value: object) -> str:
    """The text of a JSON document."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _thing(told: Told) -> dict[str, Any]:
    entry = told.entry
    return {
        "iri": entry.thing,
        "kind": entry.kind,
        "class": entry.group or None,
        "headline": told.headline,
        "what": told.what,
        "inferred": entry.inferred,
        "summary": [{"name": name, "values": [_value(v) for v in values]} for name, values in told.summary],
        "supersededBy": [_value(term) for term in told.superseded_by],
        "changes": [
            {
                "part": line.part or None,
                "property": line.prop or None,
                "name": line.name,
                "removed": [_value(v) for v in line.removed],
                "added": [_value(v) for v in line.added],
            }
            for line in told.lines
        ],
    }


def _value(term: Term) -> dict[str, str]:
    given = {"text": term.text, "iri": term.iri, "language": "" if term.iri else term.language}
    return {name: text for name, text in given.items() if text}
