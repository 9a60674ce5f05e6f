from crm.indexes import AddIndexBesideWrites, RemoveIndexBesideWrites
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('recurring', '0002_renewal_is_a_reason'),
    ]

    operations = [
        AddIndexBesideWrites(
            model_name='revenueprofile',
            index=models.Index(condition=models.Q(('deleted_at', None)), fields=['workspace', 'name_key', 'id'], name='revenueprofile_live_by_name'),
        ),
        AddIndexBesideWrites(
            model_name='revenueprofile',
            index=models.Index(condition=models.Q(('deleted_at', None)), fields=['workspace', 'mrr', 'id'], name='revenueprofile_live_by_mrr'),
        ),
        RemoveIndexBesideWrites(
            model_name='revenueprofile',
            name='revenueprofile_by_name',
        ),
        RemoveIndexBesideWrites(
            model_name='revenueprofile',
            name='revenueprofile_by_mrr',
        ),
        migrations.AlterField(
            model_name='revenueprofile',
            name='name',
            field=models.CharField(max_length=200),
        ),
    ]
