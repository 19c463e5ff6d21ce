"""A folder -> Project: which files it has, and what ``data/dataset.ttl`` says about the whole.

A project folder holds ``ontology/`` (Turtle, with SKOS schemes in ``ontology/schemes/``, questions in
``ontology/questions/*.rq`` and rules in ``ontology/rules/*.rq``), ``data/`` (Turtle, one folder a kind of thing, and
``dataset.ttl``) and ``shapes/`` (SHACL). A triple's named graph follows from the folder of its file and carries no
meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ProjectError, QueryError, SourceError
from kg.questions import Question, read_question
from kg.source import parse_turtle, read_text
from kg.sparql import by_language, form, header, refuse_unserved, syntax_error
from kg.terms import DISPLAY, LABEL_PROPERTIES, PREFIXES, graph_iri

DATASET_FILE = Path("data/dataset.ttl")
DISPLAY_FILE = Path("ontology/display.ttl")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,39}")
_RULE_VERSION = re.compile(r"^#\s*version:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Rule:
    """A SPARQL CONSTRUCT query whose answer joins the graph: what it concludes, by language, and its version."""

    name: str
    file: Path
    says: dict[str, str]
    version: str
    text: str


@dataclass(frozen=True)
class Project:
    """What a project folder says of itself. ``title`` and ``description`` are by language; ``date`` is ISO 8601."""

    root: Path
    base: str
    iri: str
    title: dict[str, str]
    description: dict[str, str]
    version: str
    date: str
    licence: str
    languages: tuple[str, ...]
    prefix: str
    label_properties: tuple[str, ...]
    home: str | None

    def files(self) -> Iterator[tuple[Path, str]]:
        """Every Turtle file of the graph with the IRI of its named graph, in a stable order."""
        for folder in ("ontology", "data"):
            for path in _turtle_files(self.root / folder):
                yield path, graph_iri(self.base, self._graph_of(path.relative_to(self.root)))

    def shape_files(self) -> list[Path]:
        """The SHACL files."""
        return _turtle_files(self.root / "shapes")

    def questions(self) -> list[Question]:
        """The questions in ``ontology/questions/``. Raises SourceError for one that cannot be read."""
        return [read_question(path) for path in sorted((self.root / "ontology/questions").glob("*.rq"))]

    def rules(self) -> list[Rule]:
        """The rules in ``ontology/rules/``, in the order of their names.

        Raises SourceError, with line and column, for a file that is not UTF-8 or holds no CONSTRUCT query.
        """
        return [_read_rule(path) for path in sorted((self.root / "ontology/rules").glob("*.rq"))]

    @staticmethod
    def _graph_of(path: Path) -> str:
        if path in (DATASET_FILE, DISPLAY_FILE):
            return "meta"  # they speak of the publication, not of the world
        match path.parts:
            case ("ontology", "schemes", *_):
                return "vocab"
            case ("ontology", *_):
                return "ontology"
            case ("data", folder, _, *_):
                return f"data/{folder}"
            case _:
                return "data"


def _turtle_files(folder: Path) -> list[Path]:
    """The Turtle files at any depth, without hidden ones and without what lies in a folder ``tests``."""

    def is_meant(path: Path) -> bool:
        parts = path.relative_to(folder).parts
        return "tests" not in parts[:-1] and not any(part.startswith(".") for part in parts)

    return sorted(p for p in folder.rglob("*.ttl") if (p.is_file() or p.is_symlink()) and is_meant(p))


def _read_rule(path: Path) -> Rule:
    text = read_text(path)
    try:
        refuse_unserved(text)
        ox.Store().query(text)
    except SyntaxError as error:
        problem = syntax_error(error.msg, text)
        lines = text.splitlines()
        offending = lines[problem.line - 1] if 0 < problem.line <= len(lines) else ""
        raise SourceError(problem.message, path, problem.line, problem.column, offending) from None
    except QueryError as error:
        raise SourceError(error.message, path, 1, 1) from None
    if form(text) != "CONSTRUCT":
        raise SourceError("a rule is a CONSTRUCT query", path, 1, 1)
    version = _RULE_VERSION.search(text)
    return Rule(path.stem, path, by_language(header(text)), version[1] if version else "1", text)


def open_project(root: Path | str = ".") -> Project:
    """Read what the project at ``root`` says of itself.

    Raises ProjectError if the folder lacks ``data/dataset.ttl`` or that file lacks what a release needs, SourceError
    if it is not Turtle.
    """
    root = Path(root)
    file = root / DATASET_FILE
    if not root.is_dir():
        raise ProjectError(f"{root} is not a folder", "name the project folder with --project")
    if not file.is_file():
        raise ProjectError(
            f"{root.resolve()} is not a project: it has no {DATASET_FILE}",
            "name another folder with --project, or describe the dataset there (docs/project.md shows how)",
        )
    return _Description(root, file).project()


class _Description:
    """``dataset.ttl`` while it is being read; knows how to say what it lacks."""

    def __init__(self, root: Path, file: Path) -> None:
        self.root, self.file = root, file
        parsed = parse_turtle(file, "urn:x-dataset")
        self.prefixes = parsed.prefixes
        self.values: dict[tuple[str, str], list[ox.NamedNode | ox.Literal]] = {}
        self.datasets: list[str] = []
        for quad in parsed.quads:
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode | ox.Literal):
                key = (quad.subject.value, quad.predicate.value)
                self.values.setdefault(key, []).append(quad.object)
                if (
                    quad.predicate.value == PREFIXES["rdf"] + "type"
                    and quad.object.value == PREFIXES["dcat"] + "Dataset"
                ):
                    self.datasets.append(quad.subject.value)

    def project(self) -> Project:
        if len(self.datasets) != 1:
            raise ProjectError(
                f"{self.file}: exactly one dcat:Dataset with an IRI is wanted, {len(self.datasets)} found",
                "describe the dataset, e.g. <https://example.org/dataset> a dcat:Dataset ; ...",
            )
        self.iri = self.datasets[0]
        base = self._one("void", "uriSpace", 'the base IRI, e.g. "https://example.org/"')
        if not re.fullmatch(r"https?://[^\s<>\"#?]+/", base):
            raise ProjectError(f"{self.file}: void:uriSpace {base!r} is not an http(s) IRI that ends in '/'")
        if not self.iri.startswith(base):
            raise ProjectError(f"{self.file}: the dataset <{self.iri}> lies outside of its base <{base}>")
        version = self._one("dcat", "version", 'e.g. "1.0.0"')
        if not _VERSION.fullmatch(version):
            raise ProjectError(
                f"{self.file}: dcat:version {version!r} cannot be part of a folder's name",
                "use letters, digits, dots, plus and hyphen, at most 40",
            )
        languages = tuple(v.value for v in self._all("dcterms", "language") if isinstance(v, ox.Literal))
        return Project(
            root=self.root,
            base=base,
            iri=self.iri,
            title=self._by_language("dcterms", "title"),
            description=self._by_language("dcterms", "description"),
            version=version,
            date=self._date(),
            licence=self._licence(),
            languages=tuple(sorted(languages, key=lambda code: (code != "en", code))) or ("en",),
            prefix=self._maybe("vann", "preferredNamespacePrefix") or "",
            label_properties=self._labels(),
            home=next(iter(self._iris(str(DISPLAY) + "home")), None),
        )

    def _all(self, prefix: str, name: str) -> list[ox.NamedNode | ox.Literal]:
        return self.values.get((self.iri, PREFIXES[prefix] + name), [])

    def _maybe(self, prefix: str, name: str) -> str | None:
        found = self._all(prefix, name)
        return found[0].value if found else None

    def _iris(self, predicate: str) -> list[str]:
        found = self.values.get((self.iri, predicate), [])
        for value in found:
            if not isinstance(value, ox.NamedNode):
                raise ProjectError(f"{self.file}: the value of <{predicate}> must be an IRI, not {value}")
        return [value.value for value in found]

    def _licence(self) -> str:
        self._one("dcterms", "license", "the IRI of a licence")
        return self._iris(PREFIXES["dcterms"] + "license")[0]

    def _one(self, prefix: str, name: str, example: str) -> str:
        found = self._all(prefix, name)
        if len(found) != 1:
            raise ProjectError(
                f"{self.file}: <{self.iri}> needs exactly one {prefix}:{name}, {len(found)} found",
                f"write {prefix}:{name}: {example}",
            )
        return found[0].value

    def _by_language(self, prefix: str, name: str) -> dict[str, str]:
        found = {v.language or "en": v.value for v in self._all(prefix, name) if isinstance(v, ox.Literal)}
        if not found:
            raise ProjectError(f"{self.file}: <{self.iri}> needs a {prefix}:{name}", f'write {prefix}:{name} "..."@en')
        return found

    def _date(self) -> str:
        text = self._maybe("dcterms", "modified") or self._one("dcterms", "issued", '"2026-01-31"^^xsd:date')
        try:
            if date.fromisoformat(text).isoformat() == text:
                return text
        except ValueError:
            pass
        raise ProjectError(f"{self.file}: the date {text!r} is not of the form YYYY-MM-DD")

    def _labels(self) -> tuple[str, ...]:
        return tuple(self._iris(str(DISPLAY) + "labelProperty")) or LABEL_PROPERTIES
