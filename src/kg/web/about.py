"""The questions that the page of a thing answers (``display:section`` on its class), asked all at once.

A page does not wait long for them: what has no answer in time is a link to the question. Such a page is not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from kg.engine import Query
from kg.errors import QueryError
from kg.representation.answers import Grid, MarkedList, Piece, Solutions, grid, marked_list, sentences
from kg.representation.document import Document
from kg.representation.matrix import Mark, Step
from kg.representation.parameters import about_thing, short
from kg.representation.questions import Question
from kg.representation.sections import ThingSection
from kg.representation.timeline import MOST_ITEMS, Layout, Timeline, timeline
from kg.representation.view import Term
from kg.terms import DISPLAY, PREFIXES, in_language
from kg.web import lasting
from kg.web.calling import caller, saying
from kg.web.language import reader
from kg.web.questions import address
from kg.web.site import Site

TIMELINE, LIST, SENTENCE = (str(DISPLAY) + name for name in ("timeline", "list", "sentence"))
# A page waits so long for the answers that stand on it.
PATIENCE = 3.0
# So many lines of a table or entries under a mark stand on a page, unless the section says otherwise.
_FEW = 20


@dataclass(frozen=True)
class Told:
    """A section of a page with its answer: as the one of ``grid``, ``list``, ``timeline``, ``sentences`` that it has.

    ``href`` leads to the question with the thing as its value, ``csv`` to the answer as data; ``answered`` is False if
    there is no answer in time. ``total`` counts what is in the whole answer, ``shown`` what stands here. ``covered`` is
    the last day that the data are about, "" if that is not told.
    """

    section: ThingSection
    anchor: str
    href: str
    csv: str
    answered: bool
    total: int = 0
    shown: int = 0
    grid: Grid | None = None
    list: MarkedList | None = None
    timeline: Timeline | None = None
    sentences: Sequence[Sequence[Sequence[Piece]]] = ()
    covered: str = ""

    @property
    def order(self) -> float:
        """Where it stands among the groups of properties."""
        return self.section.order

    @property
    def cut(self) -> bool:
        """True if something of the answer does not stand here."""
        return self.total > self.shown

    @property
    def lines(self) -> int:
        """How many lines it takes on a card: a sentence, lane, mark, row of a table each; 1 to say it is empty."""
        if self.timeline is not None:
            return len(self.timeline.lanes)
        if self.list is not None:
            return len(self.list.groups)
        if self.grid is not None:
            return len(self.grid.lines)
        return len(self.sentences[0]) if self.sentences else 1


@dataclass(frozen=True)
class About:
    """What the page of a thing answers."""

    told: tuple[Told, ...] = ()

    @property
    def drawn(self) -> bool:
        """True if marks are drawn somewhere."""
        return any(told.grid or told.list or told.timeline or told.sentences for told in self.told)


def about(site: Site, document: Document) -> About:
    """Ask what the page of the document's thing answers. A page after the first of a document answers nothing."""
    asked = _asked(site, document) if document.page == 1 else []
    if not asked:
        return About()
    queries = [Query(lasting.noted(text), boolean=None, graph=None, own=True) for _, _, text in asked]
    try:
        answers = site.answers.each(queries, PATIENCE)
    except QueryError as error:
        lasting.missing("a page", error)
        answers = [None] * len(asked)
    else:
        if None in answers:
            lasting.missing("a section of a page", "not in time")
    # Of what is too long to be told even by the program itself, the part that came would be counted wrongly.
    uncut = [answer if answer is not None and answer.cut is None else None for answer in answers]
    # Several sections may show the same answer, which is read once.
    read: dict[str, Solutions] = {}
    worded = saying(site, caller(site))
    for (_, _, text), answer in zip(asked, uncut, strict=True):
        if answer is not None and text not in read:
            read[text] = Solutions.of(answer.body, site.manifest, worded)
    told = [_told(site, document.thing, n, *one, read.get(one[2])) for n, one in enumerate(asked, 1)]
    return About(tuple(one for one in told if one.total or not one.answered or one.section.empty))


def _asked(site: Site, document: Document) -> list[tuple[ThingSection, Question, str]]:
    """The sections for the thing, each with its question and the query; without those whose parameter it cannot be."""
    own = set(document.iris(PREFIXES["rdf"] + "type"))
    member = own | set(document.iris(PREFIXES["skos"] + "inScheme"))
    found = []
    for section in site.display.about.of(own):
        question = site.display.question(section.question)
        if question is None:
            continue
        parameter = next((p for p in question.kept.parameters if p.name == section.parameter), None)
        if parameter is not None and parameter.type in member:
            found.append((section, question, about_thing(question.kept, parameter.name, document.thing)))
    return found


def _told(
    site: Site,
    thing: str,
    number: int,
    section: ThingSection,
    question: Question,
    text: str,
    solutions: Solutions | None,
) -> Told:
    here = Told(
        section,
        f"answer-{number}-{question.kept.name}",  # several sections may ask the same
        address(site, question, {section.parameter: [short(site.manifest.base, thing)]}),
        "/sparql?" + urlencode({"query": text, "format": "csv"}),
        answered=solutions is not None,
    )
    return here if solutions is None else _arranged(site, thing, here, solutions)


def _arranged(site: Site, thing: str, here: Told, solutions: Solutions) -> Told:
    marks, steps = site.display.marks, site.display.steps
    section = replace(here.section, usual=solutions.called(Term(here.section.usual)).text)
    most = section.rows or (MOST_ITEMS if section.view == TIMELINE else _FEW)
    if section.view == TIMELINE and (layout := _layout(section, marks, steps)) is not None:
        # What goes on is drawn as far as the data are known to reach.
        until = site.display.covered or site.manifest.date
        drawn = timeline(solutions.rows(section.variables.values()), layout, until, most)
        return replace(
            here, timeline=drawn, covered=site.display.covered, total=drawn.items + drawn.left_out, shown=drawn.items
        )
    if section.view == LIST:
        listed = marked_list(solutions, section, marks, steps, thing, most)
        return replace(here, list=listed, total=listed.total, shown=listed.shown)
    if section.view == SENTENCE:
        wording = in_language(section.wording, reader().languages)
        said = sentences(solutions, section, wording, marks, steps, most)
        total = len(solutions.grouped(section.variable("row"))) if section.variable("row") else len(said)
        return replace(here, sentences=said, total=total, shown=min(total, most))
    table = grid(solutions, section, marks, steps, thing, most)
    return replace(here, grid=table, total=table.total, shown=len(table.lines))


def _layout(section: ThingSection, marks: tuple[Mark, ...], steps: tuple[Step, ...]) -> Layout | None:
    """The layout of a timeline; None if what is needed for one is not told."""
    row, item, start = (section.variable(part) for part in ("row", "item", "from"))
    if not (row and item and start):
        return None
    return Layout(
        row,
        item,
        start,
        section.variable("mark"),
        section.variable("step"),
        section.variable("earliest"),
        section.variable("until"),
        section.variable("previous"),
        section.first,
        marks,
        steps,
        section.step_words,
        section.variable("remark"),
        section.usual,
    )
