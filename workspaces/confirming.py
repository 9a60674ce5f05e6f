"""What opens doors to others is done only by somebody who has just shown, once more, who they are."""

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect

from .addresses import outside

HELD = "held_form"  # where a session keeps a form that waits for it


def is_confirmed(request):
    """Whether the user gave a password, code or passkey again in the last minutes."""
    return did_recently_reauthenticate(request)


def confirm_first(request, back=None):
    """The way to showing it, and back: to the form, which waits as it was typed, or to `back`."""
    if back is None:
        typed = request.POST.copy()
        typed.pop("csrfmiddlewaretoken", None)
        request.session[HELD] = [request.path, typed.urlencode()]
    return redirect(f"{outside('confirm-identity')}?{urlencode({'next': back or request.get_full_path()})}")


def typed(request):
    """What a form is bound to: what is sent, or what waited here; None if neither."""
    if request.method == "POST":
        return request.POST
    path, held = request.session.get(HELD) or (None, "")
    if path != request.path:
        return None
    del request.session[HELD]
    messages.info(request, "Thank you. Nothing is saved yet: look at it once more, and save it.")
    return QueryDict(held)
