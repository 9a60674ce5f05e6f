from crm.indexes import CoverOnSQLite
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('crm', '0003_what_to_look_at'),
    ]

    operations = [
        CoverOnSQLite('company'),
        CoverOnSQLite('opportunity'),
        CoverOnSQLite('person'),
    ]
