"""What a site finds for a text, as values: results of a search, candidates of a reconciliation (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.client.cache import Answer
from kg.client.values import IRI
from kg.errors import AnswerInvalid


@dataclass(frozen=True)
class Hit:
    """A thing that was found: its name in the wanted language, the name that fits, how well it fits (up to 1)."""

    iri: IRI
    label: str
    language: str
    matched: str
    score: float
    types: tuple[IRI, ...]


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant by a name: how well it fits (up to 100), and if the service is sure (``match``)."""

    iri: IRI
    name: str
    description: str
    types: tuple[str, ...]
    score: float
    match: bool


@dataclass(frozen=True)
class Service:
    """What a reconciliation service says of itself: what its ids are behind, how many names it takes at once."""

    identifier_space: str
    batch: int


_BATCH = 50


def read_hits(answer: Answer) -> list[Hit]:
    """Read the results of a search. Raises AnswerInvalid."""
    return [
        Hit(
            IRI(found["iri"]),
            str(found["label"]),
            str(found["language"]),
            str(found["matched"]),
            float(found["score"]),
            tuple(map(IRI, found["types"])),
        )
        for found in _member(answer, "results")
    ]


def read_service(answer: Answer) -> Service:
    """Read the manifest of a reconciliation service (Reconciliation API 0.2, section 3). Raises AnswerInvalid."""
    facts = _object(answer)
    size = facts.get("batchSize")
    return Service(str(facts.get("identifierSpace", "")), size if isinstance(size, int) and size > 0 else _BATCH)


def batches(names: Sequence[str], most: int, kind: str | None, limit: int) -> Iterator[tuple[Sequence[str], str]]:
    """The names in parts of at most so many, each with the query batch for it (section 4)."""
    for start in range(0, len(names), most):
        part = names[start : start + most]
        queries = {
            f"q{n}": {"query": name, "limit": limit, **({"type": kind} if kind else {})} for n, name in enumerate(part)
        }
        yield part, json.dumps(queries, ensure_ascii=False)


def read_candidates(answer: Answer, names: Sequence[str], service: Service) -> dict[str, list[Candidate]]:
    """The candidates for each name of a batch, the best first. Raises AnswerInvalid."""
    found = _object(answer)
    try:
        return {name: [_candidate(each, service) for each in found[f"q{n}"]["result"]] for n, name in enumerate(names)}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _odd(answer, error) from None


def _candidate(found: Mapping[str, Any], service: Service) -> Candidate:
    return Candidate(
        IRI(service.identifier_space + str(found["id"])),
        str(found["name"]),
        str(found.get("description") or ""),
        tuple(str(kind["id"] if isinstance(kind, dict) else kind) for kind in found.get("type") or ()),
        float(found["score"]),
        bool(found["match"]),
    )


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise _odd(answer, error) from None
    if not isinstance(found, dict):
        raise _odd(answer, TypeError("no object"))
    return found


def _member(answer: Answer, name: str) -> list[dict[str, Any]]:
    found = _object(answer).get(name)
    if not isinstance(found, list):
        raise _odd(answer, KeyError(name))
    return found


def _odd(answer: Answer, error: Exception) -> AnswerInvalid:
    return AnswerInvalid(f"{answer.url} sends what cannot be read ({error!r})"[:500], "is it a site of this program?")
