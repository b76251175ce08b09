"""Makes the database, one user, and COUNT token pairs; prints each as `refresh access`.

Tokens are made in process as simplejwt's login makes them: only the password hash is left out.
"""

import sys

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from rest_framework_simplejwt.tokens import RefreshToken  # noqa: E402

call_command("migrate", verbosity=0)
user = get_user_model().objects.create_user("bench", "bench@bench.example", "a password for benchmarks")
with transaction.atomic():
    for _ in range(int(sys.argv[1])):
        refresh = RefreshToken.for_user(user)
        print(refresh, refresh.access_token)
