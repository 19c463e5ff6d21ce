"""Which term is told where: by the layers that a project declares (``display:Layer``), or all together (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kg.representation.display import Layer
from kg.representation.vocabulary.model import Chapter, Entry

_NONE = -1


def chapters(entries: Mapping[str, Entry], layers: Sequence[Layer]) -> tuple[Chapter, ...]:
    """The terms in the order of the layers; what belongs to none, or to several, comes last.

    A term's layer is its own, else that of the next class above it, else the one layer of all classes whose members
    have the property.
    """
    declared = {term: number for number, layer in enumerate(layers) for term in layer.terms}
    layer_of = {iri: _layer(entry, entries, declared) for iri, entry in entries.items()}
    found = []
    for number in (*range(len(layers)), _NONE):
        members = [entry for iri, entry in entries.items() if layer_of[iri] == number]
        if not members:
            continue
        layer = layers[number] if number != _NONE else None
        found.append(
            Chapter(
                f"layer-{layer.name}" if layer else "layer-",
                layer.titles if layer else _SEVERAL if layers else _ALL,
                layer.descriptions if layer else {},
                tuple(_tree([m for m in members if m.is_class])),
                tuple(sorted((m for m in members if not m.is_class), key=_by_name)),
            )
        )
    return tuple(found)


_SEVERAL = {"en": "In several layers", "de": "In mehreren Schichten"}
_ALL = {"en": "Terms", "de": "Begriffe"}


def _by_name(entry: Entry) -> tuple[str, str]:
    return entry.label.text.casefold(), entry.iri


def _layer(entry: Entry, entries: Mapping[str, Entry], declared: Mapping[str, int]) -> int:
    own = _layer_of(entry.iri, entries, declared)
    if own != _NONE or entry.is_class:
        return own
    of = {_layer_of(iri, entries, declared) for iri in entry.domains}
    return of.pop() if len(of) == 1 else _NONE


def _layer_of(iri: str, entries: Mapping[str, Entry], declared: Mapping[str, int]) -> int:
    return next((declared[above] for above in line(iri, entries) if above in declared), _NONE)


def line(iri: str, entries: Mapping[str, Entry]) -> Iterator[str]:
    """A class and all above it, the nearest first."""
    seen: set[str] = set()
    waiting = [iri]
    while waiting:
        now = waiting.pop(0)
        if now not in seen:
            seen.add(now)
            yield now
            waiting += entries[now].supers if now in entries else ()


def _tree(classes: Sequence[Entry]) -> list[Entry]:
    """The classes by name, with each one's kinds right after it."""
    here = {entry.iri for entry in classes}
    by_name = sorted(classes, key=_by_name)
    found: dict[str, Entry] = {}

    def add(entry: Entry) -> None:
        if entry.iri not in found:
            found[entry.iri] = entry
            for other in by_name:
                if entry.iri in other.supers:
                    add(other)

    for entry in by_name:
        if not here.intersection(entry.supers):
            add(entry)
    return [*found.values(), *(entry for entry in by_name if entry.iri not in found)]
