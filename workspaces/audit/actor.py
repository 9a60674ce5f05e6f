"""Who acts, and from where: what an entry says besides what was done."""

import json
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Who asks for something: a user, or a program that acts by itself."""

    user: object = None
    address: str | None = None
    request: str = ""  # the id of the request
    program: str = ""


NOBODY = Actor()
_actor = ContextVar("actor", default=NOBODY)


@contextmanager
def acting_as(actor):
    """Let all that is written in the block be the actor's doing."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


def actor_fields(member):
    """{column: value} of an entry written now: whoever asked, or else the member who is active."""
    actor = _actor.get()
    user = actor.user or (member and member.user if not actor.program else None)
    return {
        "user": user and user.pk,
        "actor": str(user or actor.program)[:80],
        "address": actor.address,
        "request": actor.request,
    }


def actor_setting(member=None):
    """The same as PostgreSQL's triggers are told it (see workspaces/tenancy/db_session.py)."""
    fields = {name: value for name, value in actor_fields(member).items() if value}
    return json.dumps(fields, ensure_ascii=False) if fields else ""
