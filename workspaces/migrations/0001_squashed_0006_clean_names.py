import django.db.models.deletion
import django.utils.timezone
import secrets
import workspaces.models.currencies_and_zones
import workspaces.tenancy.scope
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True
    replaces = [
        ('workspaces', '0001_initial'),
        ('workspaces', '0002_settings_version'),
        ('workspaces', '0003_audit_entries'),
        ('workspaces', '0004_second_factor'),
        ('workspaces', '0005_versions'),
        ('workspaces', '0006_clean_names'),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(error_messages={'unique': 'An account with this email address already exists.'}, max_length=254, unique=True, verbose_name='email')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('is_active', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
                ('language', models.CharField(blank=True, max_length=10, verbose_name='language')),
                ('time_zone', models.CharField(blank=True, choices=workspaces.models.currencies_and_zones.time_zones, max_length=40, verbose_name='time zone')),
                ('theme', models.CharField(choices=[('system', 'Match system'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=10, verbose_name='theme')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('second_factor_declined_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Workspace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('slug', models.SlugField(max_length=40, unique=True, verbose_name='workspace URL')),
                ('currency', models.CharField(choices=workspaces.models.currencies_and_zones.currencies, default='USD', max_length=3, verbose_name='currency')),
                ('time_zone', models.CharField(choices=workspaces.models.currencies_and_zones.time_zones, default='UTC', max_length=40, verbose_name='time zone')),
                ('fiscal_year_start', models.PositiveSmallIntegerField(choices=[(1, 'January'), (2, 'February'), (3, 'March'), (4, 'April'), (5, 'May'), (6, 'June'), (7, 'July'), (8, 'August'), (9, 'September'), (10, 'October'), (11, 'November'), (12, 'December')], default=1, verbose_name='fiscal year starts in')),
                ('has_crm', models.BooleanField(default=True, verbose_name='CRM')),
                ('has_recurring', models.BooleanField(default=True, verbose_name='Recurring Revenue')),
                ('requires_loss_reason', models.BooleanField(default=True, verbose_name='require a loss reason')),
                ('requires_second_factor', models.BooleanField(default=False, verbose_name='require two-factor authentication')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('settings_version', models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('is_admin', models.BooleanField(default=False, help_text='Manages members, add-ons and settings.', verbose_name='admin')),
                ('is_sales_staff', models.BooleanField(default=True, help_text='Can add, edit and delete CRM records and be assigned to them.', verbose_name='sales staff')),
                ('has_crm_access', models.BooleanField(default=True, help_text='Can open the CRM.', verbose_name='CRM access')),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
                ('deactivated_at', models.DateTimeField(editable=False, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['user__name', 'user__email', 'pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='email')),
                ('is_admin', models.BooleanField(default=False, verbose_name='admin')),
                ('is_sales_staff', models.BooleanField(default=True, verbose_name='sales staff')),
                ('has_crm_access', models.BooleanField(default=True, verbose_name='CRM access')),
                ('sent_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('nonce', models.CharField(default=secrets.token_urlsafe, editable=False, max_length=43)),
                ('invited_by', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='workspaces.membership')),
                ('workspace', models.ForeignKey(default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'ordering': ['-sent_at', '-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('actor', models.CharField(blank=True, max_length=80, verbose_name='who')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='IP address')),
                ('request', models.CharField(blank=True, max_length=64)),
                ('action', models.CharField(choices=[('added', 'Added'), ('changed', 'Changed'), ('trashed', 'Deleted'), ('restored', 'Restored'), ('deleted', 'Removed'), ('erased', 'Permanently deleted'), ('signed_in', 'Signed in'), ('sign_in_failed', 'Sign-in failed'), ('signed_out', 'Signed out'), ('secured', 'Account security'), ('exported', 'Exported')], max_length=20, verbose_name='what')),
                ('kind', models.CharField(max_length=60)),
                ('object_id', models.BigIntegerField(null=True)),
                ('part', models.CharField(blank=True, max_length=60)),
                ('part_id', models.BigIntegerField(null=True)),
                ('label', models.CharField(blank=True, max_length=250, verbose_name='record')),
                ('changes', models.JSONField(default=dict)),
                ('search_text', models.TextField(blank=True, default='')),
                ('user', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('workspace', models.ForeignKey(db_index=False, default=workspaces.tenancy.scope.default_workspace_id, editable=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workspaces.workspace')),
            ],
            options={
                'verbose_name': 'entry',
                'verbose_name_plural': 'entries',
                'ordering': ['-pk'],
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='user',
            name='last_workspace',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='workspaces.workspace'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('workspace', 'user'), name='one_membership_each'),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.UniqueConstraint(fields=('workspace', 'email'), name='one_invitation_each', violation_error_message='This email address is already invited. You can resend the invitation.'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['workspace', '-id'], name='auditentry_newest'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['workspace', 'kind', 'object_id', '-id'], name='auditentry_of_record'),
        ),
    ]
