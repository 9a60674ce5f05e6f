"""The forms of the Settings tab: one entry of a kind, and what takes its place."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from crm.forms.fields import WholeNumberField
from crm.models import Color, Status
from crm.picklists.text import format_usage
from crud.forms.edit_form import EditForm
from crud.forms.line_forms import LineFormMixin
from crud.parsing.keys import make_key
from crud.search import normalize_text

# What a status of a kind does to the opportunities that come to have it.
EFFECTS = {
    Status.Kind.OPEN: _(
        "%(records)s will be open again with their previous win %%. Close dates don’t change."
    ),
    Status.Kind.WON: _(
        "%(records)s will be won and count in total sales. Empty close dates are set to today."
    ),
    Status.Kind.LOST: _("%(records)s will be lost and count as 0%%. Empty close dates are set to today."),
    Status.Kind.ABANDONED: _(
        "%(records)s will be abandoned and count as 0%%. Empty close dates are set to today."
    ),
}


class ColorRadioSelect(forms.RadioSelect):
    """The palette to click on; each color also says its name."""

    template_name = "crm/widgets/color_radio_select.html"


class ConfirmKindChangeMixin:
    """A form that changes the kind of a status for many records, and wants to be told that this is meant."""

    asks = ""  # what would happen, where it was not confirmed
    asked_kind = ""

    def is_confirmed(self, users, kind):
        if self.data.get("confirmed") == kind:
            return True
        self.asks, self.asked_kind = EFFECTS[Status.Kind(kind)] % {"records": format_usage(users)}, kind
        return False


class PicklistValueForm(ConfirmKindChangeMixin, EditForm):
    """One entry: its name is asked for, a color proposed."""

    class Meta:
        widgets = {"color": ColorRadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["color"].required = False
        if self.instance.pk is None:
            self.fields["color"].initial = least_used_color(self._meta.model)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        if percent := self.fields.get("win_percent"):
            sentence = _("Enter a whole number from 0 to 100.")
            self.fields["win_percent"] = WholeNumberField(
                largest=100,
                is_percentage=True,
                label=percent.label,
                help_text=percent.help_text,
                initial=percent.initial,
                error_messages={"number": sentence},
            )

    def clean_name(self):
        name = self.cleaned_data["name"]
        if not any(letter.isprintable() and letter != " " for letter in normalize_text(name)):
            raise ValidationError(_("Enter a name."))
        return name

    def clean_color(self):
        return self.cleaned_data["color"] or self.fields["color"].initial or self.instance.color

    def clean(self):
        super().clean()
        kind = self.cleaned_data.get("kind")
        if self.instance.pk and kind and kind != self.initial["kind"]:
            self.check_kind(kind)

    def check_kind(self, kind):
        """Another kind changes what the records with this status are: to be confirmed."""
        users = self.instance.usage_counts()
        if users and not self.is_confirmed(users, kind):
            self.add_error("kind", _("This will update existing records. Confirm above to continue."))

    def _post_clean(self):
        super()._post_clean()
        if self.instance.pk and "kind" in self.changed_data and not self.errors:
            try:
                self.instance.check_required_values()
            except ValidationError as error:
                self.add_error("kind", error)

    def save(self, commit=True):
        if self.instance.pk:
            # Its place in the order and its retirement are changed by other pages, maybe meanwhile.
            self.instance.save(update_fields=self._meta.fields)
        else:
            self.instance.save()
        return self.instance


def least_used_color(model):
    """The color that the fewest entries of the kind have, in the order of the palette; gray comes last."""
    used = dict(model.objects.active().order_by().values_list("color").annotate(Count("pk")))
    return min([*Color.values[1:], *Color.values[:1]], key=lambda color: used.get(color, 0))


class NamedValueForm(forms.ModelChoiceField):
    """One entry of a kind that may have thousands: typed, and compared as its name is."""

    widget = forms.TextInput

    def __init__(self, queryset, **options):
        super().__init__(queryset, to_field_name="name_key", **options)

    def to_python(self, value):
        return super().to_python(value and make_key(str(value)))


class ReplaceForm(LineFormMixin, ConfirmKindChangeMixin, forms.Form):
    """What takes the place of an entry, and whether that one is kept."""

    how = forms.ChoiceField(widget=forms.RadioSelect)

    def __init__(self, *args, choice, users, **kwargs):
        super().__init__(*args, **kwargs)
        self.choice, self.users = choice, users
        other_values = type(choice).objects.active().exclude(pk=choice.pk)
        is_typed = choice.is_of_many
        field = NamedValueForm if is_typed else forms.ModelChoiceField
        messages = {"invalid_choice": _("Choose one that exists and isn’t archived.")}
        self.fields["to"] = field(other_values, label=_("Use instead"), error_messages=messages)
        self.fields["to"].empty_label = _("Choose…")
        if is_typed:
            self.fields["to"].widget.attrs |= {"list": "entries-known", "autocomplete": "off"}
        self.fields["how"].label = _("What to do with “%(name)s”") % {"name": choice}
        self.fields["how"].choices = [
            ("replace", _("Replace and archive “%(name)s”") % {"name": choice}),
            ("merge", _("Merge and delete “%(name)s” permanently") % {"name": choice}),
        ]
        self.order_fields(["to", "how"])

    def clean(self):
        super().clean()
        to = self.cleaned_data.get("to")
        kind = to and to.kind
        is_of_another = kind != self.choice.kind
        if to and self.users and is_of_another and not self.is_confirmed(self.users, kind):
            message = _("“%(name)s” has a different type. Confirm above to continue.")
            self.add_error("to", message % {"name": to})
