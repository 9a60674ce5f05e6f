import crm.db.indexes
import crm.models.contacts
import crm.models.fields
import crm.models.tags
import crud.parsing.keys
import crud.search
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import django_countries.fields
import workspaces.tenancy.scope
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('crm', '0001_initial'),
        ('crm', '0002_live_indexes'),
        ('crm', '0003_what_to_look_at'),
        ('crm', '0004_cover_on_sqlite'),
        ('crm', '0005_count_by_index'),
        ('crm', '0006_keys_and_search'),
    ]

    dependencies = [
        ('workspaces', '0001_squashed_0006_clean_names'),
    ]

    operations = [
        migrations.CreateModel(
            name='ContactType',
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
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Company',
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
                ('match_key', crm.models.fields.KeyField(default='', editable=False, key=crm.models.contacts.company_key, max_length=250, source='name')),
                ('work_phone', crm.models.fields.PhoneField(blank=True, max_length=40, verbose_name='work phone')),
                ('email_domain', crm.models.fields.EmailDomainField(blank=True, max_length=253)),
                ('work_website', crm.models.fields.WebsiteField(blank=True, max_length=500, verbose_name='work website')),
                ('address', models.TextField(blank=True, max_length=500, verbose_name='address')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('state', models.CharField(blank=True, max_length=100, verbose_name='state')),
                ('zip', models.CharField(blank=True, max_length=20, verbose_name='zip')),
                ('country', django_countries.fields.CountryField(blank=True, max_length=2, verbose_name='country')),
                ('linkedin', crm.models.fields.LinkedInField(blank=True, max_length=500, verbose_name='LinkedIn')),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='companies', to='workspaces.membership', verbose_name='assignee')),
                ('created_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
                ('contact_type', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='companies', to='crm.contacttype', verbose_name='contact type')),
            ],
            options={
                'verbose_name_plural': 'companies',
                'ordering': ['name_key', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='LossReason',
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
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Person',
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
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email')),
                ('email_key', crm.models.fields.KeyField(default='', editable=False, key=crm.models.fields.lowercase_domain, max_length=254, source='email')),
                ('title', models.CharField(blank=True, max_length=120, verbose_name='title')),
                ('description', models.TextField(blank=True, max_length=20000, verbose_name='description')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='crm.company', verbose_name='company')),
                ('created_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'verbose_name_plural': 'people',
                'ordering': ['name_key', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Source',
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
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Stage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.UUIDField(editable=False, null=True)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('name_key', crm.models.fields.KeyField(default='', editable=False, key=crud.parsing.keys.make_key, max_length=250, source='name')),
                ('color', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('cyan', 'Cyan'), ('teal', 'Teal'), ('green', 'Green'), ('yellow', 'Yellow'), ('orange', 'Orange'), ('red', 'Red'), ('pink', 'Pink'), ('purple', 'Purple')], default='gray', max_length=10, verbose_name='color')),
                ('position', models.PositiveIntegerField(default=0, editable=False)),
                ('is_retired', models.BooleanField(default=False, editable=False, verbose_name='archived')),
                ('win_percent', models.PositiveSmallIntegerField(default=0, help_text='Chance of winning an opportunity in this stage. New ones start with it.', validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win %')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Opportunity',
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
                ('value', models.BigIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='value')),
                ('win_percent', models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name='win %')),
                ('close_date', models.DateField(blank=True, help_text='The date it was won or lost.', null=True, verbose_name='close date')),
                ('expected_close', models.DateField(blank=True, null=True, verbose_name='expected close')),
                ('priority', models.PositiveSmallIntegerField(choices=[(1, 'Low'), (2, 'Normal'), (3, 'High'), (4, 'Urgent')], default=2, verbose_name='priority')),
                ('is_open', models.BooleanField(default=True, editable=False)),
                ('moved_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='workspaces.membership', verbose_name='assignee')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.company', verbose_name='company')),
                ('created_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('loss_reason', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.lossreason', verbose_name='loss reason')),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
                ('contact', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.person', verbose_name='contact')),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.source', verbose_name='source')),
                ('stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.stage', verbose_name='stage')),
            ],
            options={
                'verbose_name_plural': 'opportunities',
                'ordering': ['-is_open', '-updated_at', '-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='StageChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('stage', 'Stage'), ('status', 'Status')], max_length=10)),
                ('from_id', models.BigIntegerField(null=True)),
                ('to_id', models.BigIntegerField(null=True)),
                ('from_name', models.CharField(blank=True, max_length=60)),
                ('to_name', models.CharField(blank=True, max_length=60)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('opportunity', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='crm.opportunity')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Status',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('submission', models.UUIDField(editable=False, null=True)),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('name_key', crm.models.fields.KeyField(default='', editable=False, key=crud.parsing.keys.make_key, max_length=250, source='name')),
                ('color', models.CharField(choices=[('gray', 'Gray'), ('blue', 'Blue'), ('cyan', 'Cyan'), ('teal', 'Teal'), ('green', 'Green'), ('yellow', 'Yellow'), ('orange', 'Orange'), ('red', 'Red'), ('pink', 'Pink'), ('purple', 'Purple')], default='gray', max_length=10, verbose_name='color')),
                ('position', models.PositiveIntegerField(default=0, editable=False)),
                ('is_retired', models.BooleanField(default=False, editable=False, verbose_name='archived')),
                ('kind', models.CharField(choices=[('open', 'Open'), ('won', 'Won'), ('lost', 'Lost'), ('abandoned', 'Abandoned')], default='open', help_text='Reports, colors and the close date depend on it.', max_length=10, verbose_name='kind')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'verbose_name_plural': 'statuses',
                'ordering': ['position', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='opportunity',
            name='status',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='opportunities', to='crm.status', verbose_name='status'),
        ),
        migrations.CreateModel(
            name='Tag',
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
                'ordering': ['name_key', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='TaggedCompany',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='crm.company')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='crm.tag')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='company',
            name='tags',
            field=crm.models.tags.TagsField(blank=True, through='crm.TaggedCompany', to='crm.Tag', verbose_name='tags'),
        ),
        migrations.CreateModel(
            name='TaggedOpportunity',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tagged', to='crm.opportunity')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)ss', to='crm.tag')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='opportunity',
            name='tags',
            field=crm.models.tags.TagsField(blank=True, through='crm.TaggedOpportunity', to='crm.Tag', verbose_name='tags'),
        ),
        migrations.CreateModel(
            name='Trashed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80)),
                ('row_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=250)),
                ('deleted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('detached', models.JSONField(default=dict)),
                ('deleted_by', models.ForeignKey(default=workspaces.tenancy.scope.active_member_id, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'verbose_name': 'deleted record',
                'ordering': ['-deleted_at', '-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='contacttype',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_contacttype_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='lossreason',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_lossreason_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='person_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_source_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_stage_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='status',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_status_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='tag',
            constraint=models.UniqueConstraint(fields=('workspace', 'name_key'), name='crm_tag_name_once', violation_error_message='This name is already in use.'),
        ),
        migrations.AddConstraint(
            model_name='taggedcompany',
            constraint=models.UniqueConstraint(fields=('workspace', 'tag', 'content_object'), name='taggedcompany_once'),
        ),
        migrations.AddConstraint(
            model_name='company',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='company_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='taggedopportunity',
            constraint=models.UniqueConstraint(fields=('workspace', 'tag', 'content_object'), name='taggedopportunity_once'),
        ),
        migrations.AddConstraint(
            model_name='opportunity',
            constraint=models.UniqueConstraint(fields=('workspace', 'submission'), name='opportunity_sent_once'),
        ),
        migrations.AddConstraint(
            model_name='opportunity',
            constraint=models.CheckConstraint(condition=models.Q(('value__gte', 0)), name='opportunity_value_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='opportunity',
            constraint=models.CheckConstraint(condition=models.Q(('win_percent__lte', 100)), name='opportunity_win_percent_to_100'),
        ),
        migrations.AddConstraint(
            model_name='trashed',
            constraint=models.UniqueConstraint(fields=('workspace', 'kind', 'row_id'), name='trashed_once'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'name_key', 'id'], name='person_live_by_name'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'updated_at', 'id'], name='person_live_by_change'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'company', 'name_key', 'id'], name='person_live_by_company'),
        ),
        migrations.AddIndex(
            model_name='person',
            index=models.Index(fields=['workspace', 'email_key'], name='person_by_email'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'name_key', 'id'], name='company_live_by_name'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'updated_at', 'id'], name='company_live_by_change'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=models.Index(fields=['workspace', 'match_key'], name='company_by_match'),
        ),
        migrations.AddIndex(
            model_name='company',
            index=models.Index(fields=['workspace', 'email_domain'], name='company_by_domain'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'is_open', 'updated_at', 'id', 'close_date', 'expected_close', 'value', 'status', 'stage', 'source', 'assignee', 'win_percent', 'priority', 'loss_reason', 'moved_at', 'created_at', 'updated_by'], name='opportunity_live_changes'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'updated_at', 'id'], name='opportunity_live_by_update'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'name_key', 'id'], name='opportunity_live_by_name'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(models.F('workspace'), models.OrderBy(models.F('value'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('deleted_at', None)), name='opportunity_live_by_value_down'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(models.F('workspace'), models.OrderBy(models.F('close_date'), descending=True, nulls_last=True), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('deleted_at', None)), name='opportunity_live_closing_down'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'value', 'id', 'is_open', 'updated_at', 'status', 'win_percent'], name='opportunity_live_values'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'close_date', 'id', 'is_open', 'updated_at', 'status', 'value', 'win_percent', 'source', 'assignee', 'loss_reason', 'created_at'], name='opportunity_live_closings'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'stage', 'is_open', 'updated_at', 'id', 'status', 'source', 'assignee', 'value', 'win_percent'], name='opportunity_live_of_stage'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'assignee', 'is_open', 'updated_at', 'id', 'status', 'source', 'stage', 'value', 'win_percent'], name='opportunity_live_of_assignee'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'is_open', 'status', 'source', 'assignee', 'loss_reason', 'stage', 'close_date', 'updated_at', 'id', 'created_at', 'value', 'win_percent'], name='opportunity_live_groups'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'is_open', 'expected_close', 'id'], name='opportunity_live_expected'),
        ),
        migrations.AddIndex(
            model_name='opportunity',
            index=crm.db.indexes.RecordIndex(condition=models.Q(('deleted_at', None)), fields=['workspace', 'is_open', 'moved_at', 'id'], name='opportunity_live_standing'),
        ),
        migrations.AddIndex(
            model_name='trashed',
            index=models.Index(fields=['workspace', '-deleted_at', '-id'], name='trashed_by_date'),
        ),
    ]
