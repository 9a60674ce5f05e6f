"""The triggers on PostgreSQL: a function for each table, by its caller's own rights."""

from workspaces.audit.triggers.case_folding import fold
from workspaces.audit.triggers.immutability import BLANK, COLUMNS, ENTRIES, KEPT, WORKSPACES, stays

# Text that a search finds, as crud.search makes it: see case_folding.py. That takes its time.
TELL = """
CREATE OR REPLACE FUNCTION socius_audit_{name}() RETURNS trigger LANGUAGE plpgsql AS $socius$
DECLARE
  acting jsonb := coalesce(nullif(current_setting('socius.acting', true), ''), '{{}}')::jsonb;
  line {name} := coalesce(NEW, OLD);
  known_as text;
  pairs jsonb;
  words text;
BEGIN
  {beginning}
  known_as := substr({label}, 1, 250);
  SELECT coalesce(jsonb_object_agg(field, jsonb_build_array(was, is_now)), '{{}}'),
    string_agg(coalesce(was #>> '{{}}', '') || ' ' || coalesce(is_now #>> '{{}}', ''), ' ')
      FILTER (WHERE is_text)
  INTO pairs, words
  FROM (VALUES {pairs}) AS told (field, was, is_now, is_text)
  WHERE coalesce(was, '""') IS DISTINCT FROM coalesce(is_now, '""');
  words := lower(concat_ws(' ', acting ->> 'actor', acting ->> 'address', known_as, words));
  {fold}
  INSERT INTO {entries} ({columns}) VALUES (line.{workspace}, clock_timestamp(),
    (acting ->> 'user')::bigint, coalesce(acting ->> 'actor', ''), (acting ->> 'address')::inet,
    coalesce(acting ->> 'request', ''), {action}, '{kind}', line.{key}, '{part}', {part_id},
    known_as, pairs, words);
  RETURN NULL;
END
$socius$
"""
GONE = """
  IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM {workspaces} WHERE id = OLD.{workspace}) THEN
    RETURN NULL;  -- with the workspace itself goes all that is told of it
  END IF;"""
ERASED = """
  IF TG_OP = 'DELETE' THEN
    INSERT INTO {entries} ({columns})
    VALUES (OLD.workspace_id, clock_timestamp(), (acting ->> 'user')::bigint,
      coalesce(acting ->> 'actor', ''), (acting ->> 'address')::inet, coalesce(acting ->> 'request', ''),
      'erased', '{kind}', OLD.id, '', NULL, '', '{{}}', '');
    {blank};
    RETURN NULL;
  END IF;"""
ACTION = "CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'DELETE' THEN 'deleted' ELSE {change} END"
TRASHED = (
    "CASE WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL THEN 'trashed' "
    "WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN 'restored' ELSE 'changed' END"
)
KEEP = f"""
CREATE OR REPLACE FUNCTION socius_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $socius$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {stays("IS NOT DISTINCT FROM")} THEN RETURN NEW; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM {WORKSPACES} WHERE id = OLD.workspace_id) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION '{KEPT}' USING ERRCODE = 'insufficient_privilege';
END
$socius$
"""
GO = f"""
CREATE OR REPLACE FUNCTION socius_audit_go() RETURNS trigger LANGUAGE plpgsql AS $socius$
BEGIN
  DELETE FROM {ENTRIES} WHERE workspace_id = OLD.id;
  RETURN NULL;
END
$socius$
"""
# (trigger, its table, when, for each what, the function it calls)
GUARDS = [
    ("socius_audit_kept", ENTRIES, "BEFORE UPDATE OR DELETE", "ROW", "socius_audit_keep"),
    ("socius_audit_kept_whole", ENTRIES, "BEFORE TRUNCATE", "STATEMENT", "socius_audit_keep"),
    ("socius_audit_gone", WORKSPACES, "AFTER DELETE", "ROW", "socius_audit_go"),
]
GUARD_NAMES = {name for name, *_ in GUARDS}


def postgresql_statements(tables):
    """All that makes the triggers as they should be, in order."""
    all_triggers = [*GUARDS, *(trigger for table in tables for trigger in triggers_of(table))]
    return [
        KEEP,
        GO,
        *(function(table) for table in tables),
        *(postgresql_trigger(*trigger) for trigger in all_triggers),
    ]


def triggers(tables):
    """(table, trigger) of all that there should be."""
    all_triggers = [*GUARDS, *(trigger for table in tables for trigger in triggers_of(table))]
    return [(table, name) for name, table, *_ in all_triggers]


def postgresql_trigger(name, table, when, level, function_name, condition=""):
    return (
        f"CREATE OR REPLACE TRIGGER {name} {when} ON {table} FOR EACH {level} {condition}"
        f"EXECUTE FUNCTION {function_name}()"
    )


def triggers_of(table):
    """As GUARDS, of a watched table."""
    old, new = (", ".join(table.watched_columns(row)) for row in ("OLD", "NEW"))
    changed, function_name = f"WHEN (({old}) IS DISTINCT FROM ({new})) ", f"socius_audit_{table.name}"
    yield "socius_audit_change", table.name, "AFTER UPDATE", "ROW", function_name, changed
    if table.name != WORKSPACES:
        yield "socius_audit_row", table.name, "AFTER INSERT OR DELETE", "ROW", function_name


def function(table):
    """What a table's triggers call."""
    fill = {"entries": ENTRIES, "columns": COLUMNS, "workspaces": WORKSPACES, "kind": table.kind}
    beginning = GONE.format(**fill, workspace=table.workspace)
    if table.has_trash:
        beginning += ERASED.format(**fill, blank=BLANK.format(row="OLD", kind=table.kind))
    return TELL.format(
        **fill,
        name=table.name,
        beginning=beginning,
        label=table.label.format(row="line"),
        workspace=table.workspace,
        key=table.key,
        part=table.part,
        part_id="line.id" if table.part else "NULL",
        action=ACTION.format(change=TRASHED if table.has_trash else "'changed'"),
        pairs=", ".join(pair(column) for column in table.told),
        fold=fold("words"),
    )


def pair(column):
    sides = (f"to_jsonb({row}.{column.column})" for row in ("OLD", "NEW"))
    return f"('{column.name}', {', '.join(sides)}, {str(column.is_text).lower()})"
