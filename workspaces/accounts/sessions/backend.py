"""Django's database sessions, read with a precompiled query."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from crud.fastpath.compiled_queries import CompiledQuery, Param


@CompiledQuery
def valid():
    """Return the unexpired session with a key."""
    fields = Session._meta.get_field
    return Session.objects.filter(
        session_key=Param("key", fields("session_key")), expire_date__gt=Param("now", fields("expire_date"))
    )


class SessionStore(db.SessionStore):
    def _get_session_from_db(self):
        for session in valid.rows(key=self.session_key, now=timezone.now()):
            return session
        self._session_key = None
        return None
