"""Finding things by their names: an index of labels that is written with a release and only read afterwards.

``folding`` says when a text and a label belong together, ``index`` keeps the labels in SQLite (FTS5), ``functions``
makes SPARQL functions of it.
"""

from __future__ import annotations

from kg.search.folding import fold, prepare
from kg.search.functions import FUNCTIONS, Function, functions
from kg.search.index import Hit, LabelIndex, demand_index, write_index

__all__ = ["FUNCTIONS", "Function", "Hit", "LabelIndex", "demand_index", "fold", "functions", "prepare", "write_index"]
