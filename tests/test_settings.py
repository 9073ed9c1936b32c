"""Production refuses a missing or unsafe setting in one line, and starts with safe ones."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

GOOD = {
    "SECRET_KEY": "Zq7vXw2LrT9pKs4NyB8mHd3FgJ6cAe1uRo5tWi0xVbMkPlQzSnYh",
    "DATA_KEYS": "1:QEqvTHJZ2+2fZ8VZ1Yw0dT1u3y9X0sO5c7r2m4n6p8A= index:b0xkZ3J1bmdzd29ydGRlc3RhZ2VzaXN0bmljaHQwMDE=",
    "ALLOWED_HOSTS": "crm.example.com",
    "CSRF_TRUSTED_ORIGINS": "https://crm.example.com",
    "DATABASE_URL": "postgresql://banyan:secret@db.example.com/banyan",
    "REDIS_URL": "redis://:secret@queue.example.com:6379/0",
    "FILES_DIR": "/srv/banyan/files",
    "EMAIL_URL": "smtp+tls://crm:pass%40word@mail.example.com:2587?timeout=7",
    "DEFAULT_FROM_EMAIL": "Banyan <crm@example.com>",
}


def run(code_or_arguments, **changes):
    """A process with nothing but these settings in its environment; a value of None takes the variable away."""
    variables = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    command = code_or_arguments if isinstance(code_or_arguments, list) else ["-c", code_or_arguments]
    environment = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "crm.settings", **variables}
    return subprocess.run(
        [sys.executable, *command], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be 50 random characters or more"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be 50 random characters or more"),
        ({"DATA_KEYS": None}, "DATA_KEYS is missing"),
        (
            {"DATA_KEYS": GOOD["DATA_KEYS"].split()[0]},
            "DATA_KEYS: it needs one index key and at least one numbered data key",
        ),
        (
            {"DATA_KEYS": "1:c2hvcnQ= index:c2hvcnQ="},
            "DATA_KEYS: key 1 must be 32 bytes in base64 (python -m crm.keyring makes some)",
        ),
        ({"DATA_KEYS_FILE": "/nowhere/keys"}, "DATA_KEYS_FILE names a file that cannot be read"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS is missing"),
        ({"ALLOWED_HOSTS": "crm.example.com,*"}, "ALLOWED_HOSTS must name the hosts, without *"),
        ({"CSRF_TRUSTED_ORIGINS": "http://crm.de"}, "CSRF_TRUSTED_ORIGINS must be https:// addresses, without *"),
        ({"SITE_URL": "http://crm.example.com"}, "SITE_URL must begin with https://"),
        ({"DATABASE_URL": None}, "DATABASE_URL is missing"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL must begin with postgresql:// or postgres://"),
        ({"REDIS_URL": "memory://"}, "REDIS_URL must begin with redis:// or rediss:// or unix://"),
        ({"FILES_DIR": "files"}, "FILES_DIR must be an absolute path"),
        ({"FILES_DIR": str(settings.BASE_DIR / "static/files")}, "FILES_DIR must not lie in a folder that is served"),
        ({"EMAIL_URL": "mail.example.com"}, "EMAIL_URL must look like smtp+tls://user:password@host:587"),
        ({"DEFAULT_FROM_EMAIL": " "}, "DEFAULT_FROM_EMAIL is missing"),
        ({"LEASE_SECONDS": "soon"}, "LEASE_SECONDS must be a whole number of at least 1"),
        ({"HSTS_SECONDS": "0"}, "HSTS_SECONDS must be a whole number of at least 1"),
        ({"BANYAN_ENV": "prod"}, "BANYAN_ENV must be one of production, development, test"),
        ({"BANYAN_DEBUG": "1"}, "BANYAN_DEBUG must not be set in production"),
        ({"FAILPOINT": "after_file"}, "FAILPOINT must not be set in production"),
    ],
)
def test_production_refuses_the_setting_in_one_line(changes, reason):
    done = run(["manage.py", "check"], **changes)
    assert done.returncode == 1
    assert done.stderr == f"Banyan does not start: {reason} (docs/operations.md)\n"


def test_several_problems_are_told_at_once():
    done = run(["manage.py", "check"], SECRET_KEY=None, REDIS_URL=None)
    expected = "Banyan does not start: SECRET_KEY is missing; REDIS_URL is missing (docs/operations.md)\n"
    assert (done.returncode, done.stderr) == (1, expected)


def test_a_server_is_told_with_an_exception_that_it_does_not_try_again():
    done = run("import crm.settings", SECRET_KEY=None)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: Banyan does not start: SECRET_KEY is missing")


def test_the_deploy_check_finds_nothing_to_warn_of():
    done = run(["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "System check identified no issues (1 silenced).\n"


def test_the_one_silenced_check_is_that_of_the_backend_we_leave_out_on_purpose():
    assert settings.SILENCED_SYSTEM_CHECKS == ["guardian.W001"]


def test_the_mail_server_is_read_from_its_address():
    names = "EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_USE_SSL EMAIL_TIMEOUT"
    done = run(f"import crm.settings as s; print([getattr(s, name) for name in {names.split()}])")
    assert done.stdout == "['mail.example.com', 2587, 'crm', 'pass@word', True, False, 7]\n"


def test_mails_lead_to_the_first_host_unless_an_address_is_given():
    assert run("import crm.settings as s; print(s.SITE_URL)").stdout == "https://crm.example.com\n"
    done = run("import crm.settings as s; print(s.SITE_URL)", SITE_URL="https://example.com/crm/")
    assert done.stdout == "https://example.com/crm\n"


def test_the_queries_use_no_prepared_statements():
    options = settings.DATABASES["default"]["OPTIONS"]
    assert (options["prepare_threshold"], options["server_side_binding"]) == (None, False)
