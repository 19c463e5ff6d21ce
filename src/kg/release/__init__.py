"""Releases: immutable folders with dumps, catalogue, report, manifest and store."""
