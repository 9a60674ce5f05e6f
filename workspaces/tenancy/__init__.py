"""Tenant isolation: the active workspace, its URLs, and the settings of its transactions."""
