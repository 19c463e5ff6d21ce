"""What a document contains and how it is written: shared by pages and RDF formats, without HTTP."""
