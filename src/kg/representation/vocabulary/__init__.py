"""The ontology as a reader meets it: its terms in words, with their use in the data, and diagrams of how they hang together."""
