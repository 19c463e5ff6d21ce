"""An ontology as a reader meets it: its terms in words, their use in the data, and drawings of them all."""
