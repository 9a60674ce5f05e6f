"""What a kind says of itself to the audit trail."""

from dataclasses import dataclass, field

# Kept by the program for itself, and said by every entry anyway.
NEVER_TOLD = frozenset(
    "id workspace version submission search_text deleted_at created_at created_by updated_at updated_by "
    "recorded_at recorded_by joined_at".split()
)


@dataclass(frozen=True)
class AuditOptions:
    """How the trail tells of a kind's rows.

    `label` names a row: the first of these fields, or fields of rows that it points at, that says
    something. `part_of` is the key to the record in whose history the row is told. What is secret, or
    only repeats what other fields say, is left out by `without`.
    """

    label: tuple = ("name",)
    part_of: str = ""
    without: frozenset = field(default_factory=frozenset)

    def __post_init__(self):
        object.__setattr__(self, "without", NEVER_TOLD | frozenset(self.without))

    def tells(self, model_field):
        """Whether changes of the field are told; a KeyField only repeats the field that it is the key of."""
        return (
            model_field.concrete
            and not model_field.many_to_many
            and model_field.name not in self.without
            and not hasattr(model_field, "source")
        )

    def fields(self, model):
        """The fields of the model whose changes are told, in order."""
        return [
            field for field in model._meta.concrete_fields if self.tells(field) and field.name != self.part_of
        ]
