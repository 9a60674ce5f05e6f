"""The pages of the trash: what was deleted is looked at, put back, or gone for good."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import ProtectedError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from crm.models import Trashed
from crud.db.prefetch import attach_related
from crud.params import parse_id
from crud.urls import list_url
from workspaces.permissions import permission_required

PER_PAGE = 50


@permission_required("crm.view_trashed")
def trash(request):
    """What lies in the trash, latest first."""
    page = Paginator(Trashed.objects.defer("detached"), PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "crm/trash/list.html",
        {"page": page, "entries": attach_related(page.object_list, ["deleted_by"])},
    )


@permission_required("crm.delete_trashed")
@require_POST
def restore(request, pk):
    """Put one row back where it was, after asking if that changes what was reported."""
    entry = entry_or_gone(pk)
    effects = entry.model.effects_of_restoring(list(entry.model.trash.filter(pk=entry.row_id)))
    if effects and "confirmed" not in request.POST:
        return render(request, "crm/trash/restore.html", {"entry": entry, "effects": effects})
    try:
        with transaction.atomic():
            row = entry.restore()
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        for effect in effects:
            messages.warning(request, effect.sentence)
        messages.success(request, restored_message(row))
    return redirect("crm:trashed-list")


@permission_required("crm.delete_trashed")
@require_POST
def undo(request, pk):
    """Take back a whole deletion: all rows of it that are still in the trash."""
    entries = list(entry_or_gone(pk).together())
    model = entries[0].model
    effects = model.effects_of_restoring(list(model.trash.filter(pk__in=[entry.row_id for entry in entries])))
    try:
        with transaction.atomic():
            rows = [entry.restore() for entry in entries]
    except ValidationError as error:
        messages.error(request, error.message)
        return redirect("crm:trashed-list")
    for effect in effects:
        messages.warning(request, effect.sentence)
    if len(rows) == 1:
        messages.success(request, restored_message(rows[0]))
    else:
        names = {"number": len(rows), "records": rows[0]._meta.verbose_name_plural}
        messages.success(request, _("Restored %(number)s %(records)s.") % names)
    return redirect(list_url(type(rows[0])))


@permission_required("crm.erase_trashed")
def erase(request, pk):
    """Delete one row for good, after asking."""
    entry = entry_or_gone(pk)
    if request.method == "POST":
        try:
            with transaction.atomic():
                entry.erase()
        except ProtectedError as error:
            message = _(
                "%(record)s can’t be deleted because these records need it: %(names)s. "
                "Move or delete them first."
            )
            messages.error(request, message % {"record": entry, "names": needing(error)})
        else:
            messages.success(request, _("%(record)s permanently deleted.") % {"record": entry})
        return redirect("crm:trashed-list")
    return render(request, "crm/trash/erase.html", {"entry": entry})


@permission_required("crm.erase_trashed")
def empty(request):
    """Delete all that lies in the trash for good, after asking; what comes in meanwhile stays."""
    entries = Trashed.objects.order_by("-pk")
    if request.method == "POST":
        last_id = parse_id(request.POST.get("last", ""))
        if last_id is None:
            return redirect("crm:trashed-empty")
        number, held_count = Trashed.erase_all(entries.filter(pk__lte=last_id))
        message = ngettext(
            "%(number)s record permanently deleted.", "%(number)s records permanently deleted.", number
        )
        messages.success(request, message % {"number": f"{number:,}"})
        if held_count:
            message = ngettext(
                "%(number)s record stayed in the trash because others need it. Move or delete those first.",
                "%(number)s records stayed in the trash because others need them. "
                "Move or delete those first.",
                held_count,
            )
            messages.error(request, message % {"number": f"{held_count:,}"})
        return redirect("crm:trashed-list")
    last = entries.first()
    return render(request, "crm/trash/erase.html", {"number": entries.count(), "last": last})


def needing(error):
    """Return the names of the first records that prevent a permanent deletion."""
    names = sorted(map(str, error.protected_objects))
    text = ", ".join(names[:3])
    if len(names) <= 3:
        return text
    return _("%(names)s and %(number)s more") % {"names": text, "number": len(names) - 3}


def restored_message(row):
    url = row.get_absolute_url()
    return format_html(_('Restored: <a href="{url}">{name}</a>'), url=url, name=row)


def entry_or_gone(pk):
    """The entry of the trash; 404 if it was restored or erased by now."""
    return get_object_or_404(Trashed, pk=pk)
