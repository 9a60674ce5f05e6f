"""One line of the audit trail."""

import datetime
import functools
import json
import operator

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from crud.db.expressions import contains_text
from crud.models import VersionedModel
from crud.search import normalize_text, parse_terms
from workspaces.audit.actor import actor_fields
from workspaces.models import User, Workspace, WorkspaceModel, WorkspaceQuerySet
from workspaces.tenancy.scope import WorkspaceManager, active_member, default_workspace_id

MAX_ENTRIES_SEARCHED = 200  # of a record's newest, for who changed a field last


class AuditEntryQuerySet(WorkspaceQuerySet):
    def about(self, record):
        """What was done to a record and its parts, newest first."""
        return self.filter(kind=record._meta.label_lower, object_id=record.pk).order_by("-pk")

    def get_last_changes(self, record, names):
        """Return {field name: (user id, actor, time)} of the last change of each of these fields."""
        names_by_part = {}
        for field in record._meta.get_fields():
            if through := getattr(getattr(field, "remote_field", None), "through", None):
                names_by_part[through._meta.label_lower] = field.name
        changes = {}
        for entry in self.about(record)[:MAX_ENTRIES_SEARCHED]:
            changed = [names_by_part.get(entry.part)] if entry.part else entry.changes
            for name in {*changed} & {*names} - {*changes}:
                changes[name] = entry.user_id, entry.actor, entry.at
            if len(changes) == len(names):
                break
        return changes

    def search(self, text):
        """Those in which every word of the text occurs: in a value, a name, or in what was done to what."""
        for term in parse_terms(text):
            condition = functools.reduce(
                operator.or_, [contains_text("search_text", form) for form in term.forms]
            )
            matching_actions = [value for value, label in AuditEntry.Action.choices if term.is_in(label)]
            kinds = [kind for kind, name in kinds_told().items() if term.is_in(name)]
            condition |= Q(action__in=matching_actions) | Q(kind__in=kinds)
            self = self.exclude(condition) if term.is_excluded else self.filter(condition)
        return self


class AuditEntry(WorkspaceModel):
    """Who did what, when, from where, to which record, old → new.

    The database writes it (see triggers) and lets nobody change it, but for two cases: the entries of a
    record that is deleted for good lose what they say of it, and those of a workspace go with it.
    """

    class Action(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        TRASHED = "trashed", _("Deleted")
        RESTORED = "restored", _("Restored")
        DELETED = "deleted", _("Removed")
        ERASED = "erased", _("Permanently deleted")
        SIGNED_IN = "signed_in", _("Signed in")
        SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
        SIGNED_OUT = "signed_out", _("Signed out")
        SECURED = "secured", _("Account security")
        EXPORTED = "exported", _("Exported")

    audited = None

    # Django looks after neither key: entries outlive what they tell of, and go by themselves with their
    # workspace (see triggers.immutability).
    workspace = models.ForeignKey(
        Workspace,
        models.DO_NOTHING,
        default=default_workspace_id,
        editable=False,
        related_name="+",
        db_index=False,
    )
    at = models.DateTimeField(_("when"), default=timezone.now)
    user = models.ForeignKey(
        User,
        models.DO_NOTHING,
        verbose_name=_("who"),
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    actor = models.CharField(_("who"), max_length=80, blank=True)
    address = models.GenericIPAddressField(_("IP address"), null=True)
    request = models.CharField(max_length=64, blank=True)
    action = models.CharField(_("what"), max_length=20, choices=Action)
    # The record; and of a part of it, say one of its tags, which.
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField(null=True)
    part = models.CharField(max_length=60, blank=True)
    part_id = models.BigIntegerField(null=True)
    label = models.CharField(_("record"), max_length=250, blank=True)
    changes = models.JSONField(default=dict)  # {field: [old, new]}, as the database has them
    search_text = models.TextField(blank=True, default="")

    objects = WorkspaceManager.from_queryset(AuditEntryQuerySet)()

    class Meta(WorkspaceModel.Meta):
        ordering = ["-pk"]
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="auditentry_newest"),
            models.Index(fields=["workspace", "kind", "object_id", "-id"], name="auditentry_of_record"),
        ]

    def __str__(self):
        return f"{self.what}: {self.record}"

    @classmethod
    def write(cls, action, about, label="", **values):
        """Tell of something that no table tells: of `about`, a row or a kind as a whole."""
        actor = actor_fields(active_member())
        context = {"actor": actor["actor"], "address": actor["address"], "request": actor["request"]}
        row = cls(action=action, label=label[:250], **({"user_id": actor["user"]} | context | values))
        row.kind, row.object_id = (
            about._meta.label_lower,
            about.pk if isinstance(about, models.Model) else None,
        )
        words = [row.actor, row.address or "", row.label, *(str(new) for _, new in row.changes.values())]
        row.search_text = normalize_text(" ".join(words))
        row.save(force_insert=True)

    @property
    def told_of(self):
        """The model of the row that the changes are of, the record or its part; None if there is none now."""
        return model_of(self.part or self.kind)

    def read(self, name, value):
        """A value of the changes as the field of that name has it; as it came where there is none now."""
        try:
            return as_field_has_it(self.told_of._meta.get_field(name), value)
        except (AttributeError, FieldDoesNotExist, ValueError, TypeError, ArithmeticError, ValidationError):
            return value

    @property
    def who(self):
        """Whose doing it was: somebody's, or a program's."""
        return self.actor

    @property
    def what(self):
        """What was done, in words."""
        if not self.part:
            return self.get_action_display()
        if not self.is_of_many_fields:
            return str(self.Action.CHANGED.label)  # a tag more or less is a change of the record
        return _("%(part)s: %(action)s") % {
            "part": name_of(self.part),
            "action": self.get_action_display().lower(),
        }

    @property
    def is_of_many_fields(self):
        """Whether its part is more than a link to something else, as a tag is."""
        model = self.told_of
        return model is None or len(model.audited.fields(model)) > 1

    @property
    def record(self):
        """What it was done to."""
        return f"{name_of(self.kind)}: {self.label}" if self.label else name_of(self.kind)

    @property
    def has_history(self):
        """Whether there is a page of what happened to the record: of kinds that have pages of their own."""
        model = model_of(self.kind)
        return model is not None and issubclass(model, VersionedModel) and self.object_id is not None

    @property
    def history_address(self):
        return reverse(f"{self.kind.replace('.', ':')}-history", args=[self.object_id])

    @cached_property
    def values(self):
        """The changes for a machine."""
        return json.dumps(self.changes, ensure_ascii=False)


def as_field_has_it(field, value):
    """A value out of the database's JSON, in which each database writes dates, flags and numbers its way."""
    if value is None or isinstance(field, (models.CharField, models.TextField)):
        return value
    if field.is_relation:
        return int(value)
    if isinstance(field, models.JSONField):
        return json.loads(value) if isinstance(value, str) else value
    if hasattr(field, "from_db_value"):
        return field.from_db_value(value, None, None)
    value = field.to_python(str(value) if isinstance(field, models.DecimalField) else value)
    if isinstance(value, datetime.datetime) and timezone.is_naive(value):
        return timezone.make_aware(value, datetime.UTC)
    return value


def model_of(kind):
    """The model of a label, None where a version before this one had it."""
    try:
        return apps.get_model(kind)
    except LookupError:
        return None


def name_of(kind):
    """What one of a kind is called: "Company"."""
    model = model_of(kind)
    return capfirst(str(model._meta.verbose_name)) if model else kind


def kinds_told():
    """{label: name} of all kinds of which entries tell, by name."""
    models_told = [model for model in apps.get_models() if getattr(model, "audited", None)]
    labels = [model._meta.label_lower for model in models_told if not model.audited.part_of]
    return dict(sorted(((label, name_of(label)) for label in labels), key=operator.itemgetter(1)))
