"""Matching other people's names to things of a release, by the Reconciliation Service API of the W3C community group.

``requests`` reads what clients send, ``matching`` finds candidates, ``answering`` does so for a batch within a time,
``entities`` suggests things, ``extending`` tells values of properties, ``schema`` which classes and properties there
are, ``ids`` how all of these are called, ``manifest`` writes replies. Nothing here knows of HTTP.
"""
