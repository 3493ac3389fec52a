"""The displays, one a file, and what they share: `figures`, `bar_chart` and `grid`."""
