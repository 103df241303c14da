# Written by hand: makemigrations cannot ask about renamed fields here.

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("randomization", "0001_initial"),
        ("trial", "0002_first_day"),
    ]

    operations = [
        migrations.RenameField(model_name="scheme", old_name="uploaded_at", new_name="opened_at"),
        migrations.RenameField(model_name="scheme", old_name="uploaded_by", new_name="opened_by"),
        migrations.AddField(
            model_name="scheme",
            name="protocol",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="trial.protocolversion",
            ),
        ),
        migrations.AddField(model_name="scheme", name="sealed_seed", field=models.BinaryField(default=b"")),
        migrations.AddField(
            model_name="scheme",
            name="seed_sha256",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="scheme", name="sealed_supplement", field=models.BinaryField(default=b"")
        ),
        migrations.AddField(
            model_name="scheme",
            name="supplement_sha256",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AlterField(model_name="scheme", name="sealed_list", field=models.BinaryField(default=b"")),
        migrations.AlterField(
            model_name="scheme",
            name="list_sha256",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AlterField(model_name="stratum", name="key", field=models.CharField(max_length=1000)),
        migrations.AlterField(
            model_name="stratum", name="length", field=models.PositiveIntegerField(null=True)
        ),
        migrations.AddField(model_name="allocation", name="basis", field=models.JSONField(default=dict)),
        migrations.AddConstraint(
            model_name="scheme",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("method", "uploaded_list"),
                        ("seed_sha256", ""),
                        ("supplement_sha256", ""),
                        models.Q(("list_sha256", ""), _negated=True),
                    ),
                    models.Q(
                        ("list_sha256", ""),
                        ("method", "permuted_blocks"),
                        ("protocol__isnull", False),
                        models.Q(("seed_sha256", ""), _negated=True),
                        models.Q(("supplement_sha256", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="scheme_method",
            ),
        ),
    ]
