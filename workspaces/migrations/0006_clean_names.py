from django.db import migrations

from workspaces.backfill import clean_names


class Migration(migrations.Migration):

    atomic = False  # each table is a transaction

    dependencies = [
        ('workspaces', '0005_versions'),
    ]

    operations = [
        migrations.RunPython(clean_names, migrations.RunPython.noop),
    ]
