#!/usr/bin/env python
import os
import sys

from workspaces.audit.actor import Actor, acting_as


def main(arguments):
    """Run a command. What it writes in a workspace is told as its doing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "socius.settings")
    from django.core.management import execute_from_command_line

    with acting_as(Actor(program=f"Command: {' '.join(arguments[1:2])}")):
        execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
