"""The audit trail: who did what, when, from where, to which record, old → new.

It is written by the database itself, by a trigger on every table of a workspace: what a form saves is in
it, and so is what a bulk update, a command or a line of SQL does. Only what no table tells is written by
the program: sign-ins, exports (see `receivers`). Entries stay as they are: see `triggers.immutability`.

    options.py      what a model declares about its audit trail: label, parts, fields left out
    actor.py        who acts, for the triggers to know
    models.py       AuditEntry
    display.py      entries as people read them
    triggers/       audited tables and columns, the triggers of each database, and their installation
"""
