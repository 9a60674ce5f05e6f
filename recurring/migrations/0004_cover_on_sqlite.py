from crm.indexes import CoverOnSQLite
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('recurring', '0003_live_indexes'),
    ]

    operations = [
        CoverOnSQLite('revenueprofile'),
    ]
