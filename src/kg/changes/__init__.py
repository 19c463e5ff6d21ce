"""What differs between two states of a graph, told to people (words, pages, Atom) and programs (patch, stream)."""
