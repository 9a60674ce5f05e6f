"""Tags: taggit, but each workspace has its own, once whatever the case; rows have them by real keys."""

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager, _TaggableManager
from taggit.models import ItemBase

from crm.models.picklist_value import PicklistValue
from crud import display
from crud.fastpath.compiled_queries import CompiledQuery, ListParam
from crud.parsing.keys import make_key
from workspaces.audit.options import AuditOptions
from workspaces.models import WorkspaceModel
from workspaces.tenancy.scope import WorkspaceManager, forget_cached


class Tag(PicklistValue):
    """A word of the workspace's own, put on companies and opportunities."""

    about = _("Free-form labels for companies and opportunities.")
    traced_field = "name"
    is_of_many = True

    class Meta(PicklistValue.Meta):
        ordering = ["name_key", "pk"]


class TaggedManager(WorkspaceManager):
    @cached_property
    def by_rows(self):
        ids = ListParam("ids", self.model._meta.get_field("content_object").target_field)
        items = self.get_queryset().filter(content_object__in=ids).select_related("tag")
        return CompiledQuery(lambda: items.order_by("tag__name_key", "pk"))

    def for_records(self, ids):
        """[item with its tag] of the rows with these ids, in the tags' order: every list asks for them."""
        return self.by_rows.rows(ids=ids)


class TaggedItem(WorkspaceModel, ItemBase):
    """A tag on a row. One table for each kind of row, so that the database holds both ends."""

    audited = AuditOptions(part_of="content_object")

    tag = models.ForeignKey(Tag, models.CASCADE, related_name="%(class)ss")
    objects = TaggedManager()

    class Meta(WorkspaceModel.Meta):
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["workspace", "tag", "content_object"], name="%(class)s_once")
        ]


class TagsByKeyManager(_TaggableManager):
    """Finds a typed tag by its key, so that "VIP" and "vip" are one, on every database."""

    def _to_tag_model_instances(self, tags, tag_kwargs):
        model = self.through.tag_model()
        names_by_key = {make_key(tag) if isinstance(tag, str) else tag.name_key: tag for tag in tags}
        tags_by_key = {tag.name_key: tag for tag in model.objects.filter(name_key__in=names_by_key)}
        new = [
            model(name=str(names_by_key[key]), name_key=key)
            for key in sorted(names_by_key.keys() - tags_by_key.keys())
        ]
        if new:
            # One that somebody else adds in this instant is taken as it is.
            twins = {"unique_fields": ["workspace", "name_key"], "update_fields": ["name_key"]}
            created = model.objects.bulk_create(new, update_conflicts=True, **twins)
            tags_by_key |= {tag.name_key: tag for tag in created}
            forget_cached(model)
        return [tags_by_key[key] for key in names_by_key]

    def set(self, tags, is_saved_next=False, **options):
        """Have these tags and no others; nothing is written where that is so already.

        The row is then found by them; where it `is_saved_next` that is left to its own save.
        """
        row, name = self.instance, self.prefetch_cache_name
        had = {tag.name_key: tag for tag in display.many(row, name)}
        if {make_key(str(tag)) for tag in tags} == had.keys():
            return
        tags_by_id = {tag.pk: tag for tag in self._to_tag_model_instances(tags, {})}
        gone = [tag.pk for tag in had.values() if tag.pk not in tags_by_id]
        new = tags_by_id.keys() - {tag.pk for tag in had.values()}
        if gone:
            self.through.objects.filter(content_object=row, tag__in=gone).delete()
        items = [self.through(content_object=row, tag_id=pk) for pk in new]
        self.through.objects.bulk_create(items, ignore_conflicts=True)
        row.__dict__.setdefault("_attached", {})[name] = sorted(
            tags_by_id.values(), key=lambda tag: tag.name_key
        )
        if not is_saved_next:
            self.found_by_them()

    def add(self, *tags, **options):
        super().add(*tags, **options)
        self.renew()

    def remove(self, *tags):
        super().remove(*tags)
        if tags:
            self.renew()

    def renew(self):
        """The row is found by its tags: see to it."""
        self.instance.__dict__.get("_attached", {}).pop("tags", None)
        self.found_by_them()

    def found_by_them(self):
        row = self.instance
        row.search_text = row.build_search_text()
        type(row).objects.filter(pk=row.pk).update(search_text=row.search_text)


class TagsField(TaggableManager):
    """The field: what is typed, with commas, become the workspace's tags."""

    def value_from_object(self, row):
        return display.many(row, self.name) if row.pk else []

    def __init__(self, **options):
        super().__init__(
            **{"verbose_name": "tags", "blank": True, "help_text": "", "manager": TagsByKeyManager, **options}
        )
