"""The site: HTTP and pages over a release. The only part of the program that knows status codes."""
