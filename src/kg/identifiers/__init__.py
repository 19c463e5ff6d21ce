"""Identifiers: which thing does somebody else's identifier mean, and which identifiers does a thing have?

``spelling`` (pure) says which spellings of an IRI mean the same, ``prefixes`` is the one map of prefixes, ``declared``
reads from the release what counts as an identifier there, ``reading`` makes candidates of a text, ``resolution`` asks
which of them the release knows, and ``coreference`` gathers the identifiers of a thing.
"""
