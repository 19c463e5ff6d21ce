"""Tables <-> Turtle: analysts live in spreadsheets, the graph lives in Turtle.

How a project's tables look and what their cells mean is told by the project, in ``ontology/tables/`` (docs/tables.md):
CSVW metadata for the tables, SPARQL queries for the way to Turtle and back. Nothing here knows a column by name.
"""
