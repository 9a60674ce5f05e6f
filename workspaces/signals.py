"""The one signal of the house: packages above hear of a new workspace without being known here."""

from django.dispatch import Signal

workspace_created = Signal()  # sender: Workspace; workspace: the new one, active while the signal is sent
