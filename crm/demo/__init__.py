"""The demo: two workspaces full of invented firms, people and sales, made by a seeded generator.

The same on every machine, dated relative to today. `fill.fill` makes what is in a workspace, noun by noun;
`rooms` says which workspaces there are, who signs in, and how they begin and go.
"""
