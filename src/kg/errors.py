"""Everything that can go wrong, as classes.

An error says what is wrong and, in ``hint``, how to mend it. Nothing here knows of HTTP: the web package alone turns
a class into a status (``web/errors.py``), the command line into an exit code (``cli.py``).

::

    KgError
     ├── ConfigError          a setting has an unusable value
     ├── ProjectError         the folder is not a project, or dataset.ttl lacks something
     ├── SourceError          a file cannot be read or parsed (file, line, column, text)
     ├── InferenceError       the graph contradicts itself, or uses an axiom without a rule
     ├── CheckFailed          findings stand in the way of a release
     ├── ReleaseError         a release cannot be written, found or trusted
     │    └── NoRelease       there is none yet
     ├── ServeError           the site cannot start (port taken, address unknown)
     ├── FreezeError          the site cannot be written as files
     ├── PackageMissing       an optional package is not installed
     ├── SiteError            a site that was asked as a client gave no good answer
     │    ├── SiteUnreachable    no connection, or no answer in time
     │    ├── SiteRejection      it says that it will not, or cannot
     │    ├── AnswerCut          it sent a part only
     │    ├── AnswerTooLarge     it sends more than was allowed for
     │    └── AnswerInvalid      what it sent is broken, or is not what it should be
     └── QueryError           one query got no answer
          ├── QuerySyntaxError   not SPARQL 1.1 (line, column)
          ├── NoSuchQuestion     no question of that name is kept
          ├── BadValue           what was given for a parameter of a question is no value of its type
          ├── MalformedRequest   what was sent is not of the form that the protocol wants
          ├── RequestTooLarge    of the right form, but more than is taken at once
          ├── QueryRefused       SPARQL, but not allowed here (update, SERVICE)
          ├── NoSuchFormat       the kind of answer cannot be written in the wanted format
          ├── QueryTimeout       over its time limit, stopped
          ├── QueryCrashed       its process died (memory limit, or a query that fells the engine)
          ├── AnswerTooLong      more bytes than are sent
          ├── EngineBusy         no free process within the waiting time
          └── EngineUnavailable  the SPARQL server behind this site does not answer
"""

from __future__ import annotations

from pathlib import Path


class KgError(Exception):
    """The root of all expected errors: a ``message`` for people and a ``hint`` that says how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class ConfigError(KgError):
    """A setting has a value that cannot be used."""


class ProjectError(KgError):
    """The folder is not a project of this program, or its description lacks something."""


class SourceError(KgError):
    """A source file cannot be read or is not valid Turtle.

    ``line`` and ``column`` count from 1; ``text`` is the offending line as written.
    """

    def __init__(self, message: str, file: Path, line: int = 0, column: int = 0, text: str = "") -> None:
        where = f"{file}:{line}:{column}" if line else str(file)
        super().__init__(f"{where}: {message}")
        self.problem = message
        self.file = file
        self.line = line
        self.column = column
        self.text = text


class InferenceError(KgError):
    """The graph contradicts its own ontology, or the ontology uses an axiom for which there is no rule.

    ``clashes`` are the contradictions: pairs of a thing's IRI and what is wrong with it.
    """

    def __init__(self, message: str, hint: str = "", clashes: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, hint)
        self.clashes = clashes


class CheckFailed(KgError):
    """A release was asked for, but the check found violations."""


class ReleaseError(KgError):
    """A release cannot be written, found or trusted."""


class NoRelease(ReleaseError):
    """There is no release yet."""


class ServeError(KgError):
    """The site cannot start."""


class FreezeError(KgError):
    """The site cannot be written as files."""


class PackageMissing(KgError):
    """What was asked for needs a package that is not installed."""


class SiteError(KgError):
    """A site that was asked as a client gave no good answer."""


class SiteUnreachable(SiteError):
    """There was no connection to the site, or no answer in time."""


class SiteRejection(SiteError):
    """The site says that it will not, or cannot: ``status`` is that of its answer, ``problem`` what it tells of it.

    ``problem`` has the members of a problem detail (RFC 9457); it is empty if there was none.
    """

    def __init__(self, message: str, hint: str = "", status: int = 0, problem: dict[str, object] | None = None) -> None:
        super().__init__(message, hint)
        self.status = status
        self.problem = problem or {}


class AnswerCut(SiteError):
    """The site sent only the first part of an answer; ``answer`` is that part."""

    def __init__(self, message: str, hint: str = "", answer: object = None) -> None:
        super().__init__(message, hint)
        self.answer = answer


class AnswerTooLarge(SiteError):
    """The site sends more bytes than were allowed for."""


class AnswerInvalid(SiteError):
    """What the site sent is broken, or is not what it should be."""


class QueryError(KgError):
    """One query got no answer; the engine itself is well."""


class QuerySyntaxError(QueryError):
    """The text is not a SPARQL 1.1 query. ``line`` and ``column`` count from 1 (0: unknown)."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        where = f"line {line}, column {column}: " if line else ""
        super().__init__(f"{where}{message}")
        self.line = line
        self.column = column


class NoSuchQuestion(QueryError):
    """The project keeps no question of that name."""


class BadValue(QueryError):
    """What was given for a parameter of a question is no value of its type, or can mean several things."""


class MalformedRequest(QueryError):
    """What was sent is not of the form that the protocol wants."""


class RequestTooLarge(QueryError):
    """What was sent has the right form, but is more than is taken at once."""


class QueryRefused(QueryError):
    """The query is SPARQL, but this service does not do what it asks for."""


class NoSuchFormat(QueryError):
    """This kind of answer cannot be written in any of the formats that the client accepts."""


class QueryTimeout(QueryError):
    """The query was stopped at its time limit."""


class QueryCrashed(QueryError):
    """The process that worked on the query died: out of memory, or a query that fells the engine."""


class AnswerTooLong(QueryError):
    """The answer has more bytes than are sent."""


class EngineBusy(QueryError):
    """All query processes were busy for longer than a query may wait."""


class EngineUnavailable(QueryError):
    """The SPARQL server that answers for this site cannot be reached, or does not do its work."""
