"""What `make docs` writes before Sphinx reads the pages: all of it lands in docs/generated."""
