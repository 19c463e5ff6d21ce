"""The description of the site for programs (OpenAPI 3.1), gathered from what stands beside each route."""
