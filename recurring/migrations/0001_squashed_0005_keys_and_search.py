import crm.db.indexes
import crm.models.fields
import crm.models.tags
import crud.parsing.keys
import crud.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import recurring.models.fields
import recurring.models.profiles
import uuid
import workspaces.models.currencies_and_zones
import workspaces.tenancy.scope
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('recurring', '0001_initial'),
        ('recurring', '0002_renewal_is_a_reason'),
        ('recurring', '0003_live_indexes'),
        ('recurring', '0004_cover_on_sqlite'),
        ('recurring', '0005_keys_and_search'),
    ]

    dependencies = [
        ('crm', '0001_squashed_0006_keys_and_search'),
        ('workspaces', '0001_squashed_0006_clean_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='RevenueCategory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.UUIDField(editable=False, null=True)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('name_key', crm.models.fields.KeyField(default='', editable=False, key=crud.parsing.keys.make_key, max_length=250, source='name')),
                ('color', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('cyan', 'Cyan'), ('teal', 'Teal'), ('green', 'Green'), ('yellow', 'Yellow'), ('orange', 'Orange'), ('red', 'Red'), ('pink', 'Pink'), ('purple', 'Purple')], default='gray', max_length=10, verbose_name='color')),
                ('position', models.PositiveIntegerField(default=0, editable=False)),
                ('is_retired', models.BooleanField(default=False, editable=False, verbose_name='archived')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RevenueProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.UUIDField(editable=False, null=True)),
                ('search_text', models.TextField(default='', editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='created')),
                ('updated_at', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='last updated')),
                ('deleted_at', models.DateTimeField(editable=False, null=True)),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('name_key', crm.models.fields.KeyField(default='', editable=False, key=crud.search.normalize_text, max_length=250, source='name')),
                ('description', models.TextField(blank=True, max_length=2000, verbose_name='description')),
                ('currency', recurring.models.fields.CurrencyField(choices=workspaces.models.currencies_and_zones.currencies, default=recurring.models.profiles.workspace_currency, max_length=3, verbose_name='currency')),
                ('start', models.DateField(verbose_name='first day')),
                ('end', models.DateField(blank=True, null=True, verbose_name='fixed last day')),
                ('term_months', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1200)], verbose_name='term in months')),
                ('renewal', models.CharField(choices=[('evergreen', 'Continues until notice'), ('automatic', 'Renews automatically'), ('manual', 'Renewed by agreement')], default='evergreen', max_length=10, verbose_name='renewal')),
                ('notice_days', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(3660)], verbose_name='days of notice')),
                ('notes', models.TextField(blank=True, max_length=20000, verbose_name='notes')),
                ('mrr', recurring.models.fields.AmountField(default=Decimal('0'), editable=False, verbose_name='MRR')),
                ('state', models.CharField(choices=[('live', 'Live'), ('upcoming', 'Upcoming'), ('paused', 'Paused'), ('ended', 'Ended')], default='live', editable=False, max_length=10, verbose_name='state')),
                ('stands_until', models.DateField(editable=False, null=True)),
                ('category', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='revenue_profiles', to='recurring.revenuecategory', verbose_name='category')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revenue_profiles', to='crm.company', verbose_name='client')),
                ('created_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('opportunity', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revenue_profiles', to='crm.opportunity', verbose_name='opportunity')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revenue_profiles', to='workspaces.membership', verbose_name='owner')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['name_key', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RevenuePause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('superseded_at', models.DateTimeField(editable=False, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('from_date', models.DateField(verbose_name='from')),
                ('to_date', models.DateField(blank=True, null=True, verbose_name='to')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                ('recorded_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('superseded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='recurring.revenueprofile')),
            ],
            options={
                'ordering': ['from_date', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RevenueEnding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('superseded_at', models.DateTimeField(editable=False, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('notice_date', models.DateField(blank=True, null=True, verbose_name='notice given on')),
                ('end', models.DateField(verbose_name='last day')),
                ('kind', models.CharField(choices=[('client', 'The client gave notice'), ('us', 'We gave notice'), ('expiry', 'Expired'), ('unpaid', 'Not paid')], default='client', max_length=10, verbose_name='kind')),
                ('reason', models.CharField(blank=True, choices=[('price', 'Price'), ('competitor', 'Competitor'), ('budget', 'Budget'), ('no_need', 'No longer needed'), ('service', 'Not satisfied'), ('closed', 'Out of business'), ('other', 'Other')], max_length=20, verbose_name='reason')),
                ('recorded_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('superseded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='endings', to='recurring.revenueprofile')),
            ],
            options={
                'ordering': ['end', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RevenueTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('superseded_at', models.DateTimeField(editable=False, null=True)),
                ('note', models.CharField(blank=True, max_length=500)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('submission', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('from_date', models.DateField(verbose_name='from')),
                ('amount', recurring.models.fields.AmountField(verbose_name='amount')),
                ('quantity', recurring.models.fields.AmountField(default=1, verbose_name='quantity')),
                ('unit', models.CharField(choices=[('month', 'month'), ('quarter', 'quarter'), ('half_year', 'half-year'), ('year', 'year'), ('week', 'week'), ('day', 'day')], default='month', max_length=10, verbose_name='interval')),
                ('count', models.PositiveSmallIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1200)], verbose_name='intervals')),
                ('discount', recurring.models.fields.AmountField(default=0, verbose_name='discount %')),
                ('reason', models.CharField(blank=True, choices=[('new', 'New'), ('upsell', 'Upsell'), ('downgrade', 'Downgrade'), ('seats', 'Seats'), ('uplift', 'Price increase'), ('discount', 'Discount'), ('discount_end', 'End of a discount'), ('transfer', 'Category change'), ('interval', 'Interval change'), ('renewal', 'Renewal'), ('correction', 'Correction')], max_length=20, verbose_name='reason')),
                ('monthly', recurring.models.fields.AmountField(editable=False)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='terms', to='recurring.revenuecategory', verbose_name='category')),
                ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='recurring.revenueprofile')),
                ('recorded_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('superseded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['from_date', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='TaggedRevenueProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='recurring.revenueprofile')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='crm.tag')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='revenueprofile',
            name='tags',
            field=crm.models.tags.TagsField(blank=True, through='recurring.TaggedRevenueProfile', to='crm.Tag', verbose_name='tags'),
        ),
        migrations.CreateModel(
            name='ClosedMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField()),
                ('currency', models.CharField(max_length=3)),
                ('figures', models.JSONField()),
                ('closed_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('closed_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-month'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('workspace', 'month'), name='closedmonth_once', violation_error_message='This month is already closed.')],
            },
        ),
        migrations.CreateModel(
            name='ExchangeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('superseded_at', models.DateTimeField(editable=False, null=True)),
                ('month', models.DateField(verbose_name='month')),
                ('currency', models.CharField(choices=workspaces.models.currencies_and_zones.currencies, max_length=3, verbose_name='currency')),
                ('rate', models.DecimalField(decimal_places=10, max_digits=15, verbose_name='rate')),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('recorded_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-month', 'currency', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('workspace', 'month', 'currency'), name='exchangerate_one_a_month', violation_error_message='There is already a rate for this month.'), models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='exchangerate_above_0')],
            },
        ),
        migrations.AddConstraint(
            model_name='revenuecategory',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='recurring_revenuecategory_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='revenuepause',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='revenuepause_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='revenuepause',
            constraint=models.CheckConstraint(condition=models.Q(('to_date__isnull', True), ('to_date__gte', models.F('from_date')), _connector='OR'), name='revenuepause_ends_after_start', violation_error_message='The pause ends before it starts.'),
        ),
        migrations.AddConstraint(
            model_name='revenueending',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='revenueending_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='revenueending',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('workspace', 'profile'), name='revenueending_one_at_a_time', violation_error_message='It already has an ending. Undo or edit that.'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='revenueterm_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('workspace', 'profile', 'from_date'), name='revenueterm_one_a_day', violation_error_message='There is already an amount from this day. Edit that one.'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='revenueterm_amount_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.CheckConstraint(condition=models.Q(('quantity__gte', 0)), name='revenueterm_quantity_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.CheckConstraint(condition=models.Q(('discount__gte', 0), ('discount__lte', 100)), name='revenueterm_discount_to_100'),
        ),
        migrations.AddConstraint(
            model_name='revenueterm',
            constraint=models.CheckConstraint(condition=models.Q(('count__gte', 1)), name='revenueterm_count_from_1'),
        ),
        migrations.AddConstraint(
            model_name='taggedrevenueprofile',
            constraint=models.UniqueConstraint(fields=('workspace', 'tag', 'content_object'), name='taggedrevenueprofile_once'),
        ),
        migrations.AddConstraint(
            model_name='revenueprofile',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='revenueprofile_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='revenueprofile',
            constraint=models.CheckConstraint(condition=models.Q(('end__isnull', True), ('end__gte', models.F('start')), _connector='OR'), name='revenueprofile_ends_after_start', violation_error_message='The last day must not be before the first day.'),
        ),
        migrations.AddIndex(
            model_name='revenueprofile',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'name_key', 'id'], name='revenueprofile_live_by_name'),
        ),
        migrations.AddIndex(
            model_name='revenueprofile',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'mrr', 'id'], name='revenueprofile_live_by_mrr'),
        ),
        migrations.AddIndex(
            model_name='revenueprofile',
            index=models.Index(fields=['workspace', 'stands_until'], name='revenueprofile_by_standing'),
        ),
    ]
