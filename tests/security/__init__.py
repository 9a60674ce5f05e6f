"""Tests of the security guarantees: a folder by concept, their helpers in `support`.

Each has its canary: the same check, run on a planted defect, goes red. A test that never failed proves
nothing.
"""
