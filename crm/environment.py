"""Reads settings from the environment and refuses, in one line, a start with a missing or unsafe one."""

import os
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from crm.keyring import INDEX, OPEN_KEYS, KeyProblem, parse_keys

KINDS = ("production", "development", "test")


@dataclass(frozen=True)
class MailServer:
    host: str = ""
    port: int = 25
    timeout: int = 10
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


class Environment:
    """Collects every problem, so that an administrator learns all of them at the first start, not one a start."""

    def __init__(self, variables=os.environ):
        self.variables = variables
        self.kind = variables.get("BANYAN_ENV", "production")
        self.problems = []
        if self.kind not in KINDS:
            self.problems.append(f"BANYAN_ENV must be one of {', '.join(KINDS)}")
        if self.production and variables.get("BANYAN_DEBUG"):
            self.problems.append("BANYAN_DEBUG must not be set in production")

    @property
    def production(self):
        return self.kind not in ("development", "test")

    @property
    def debug(self):
        return self.kind == "development" and self.variables.get("BANYAN_DEBUG") == "1"

    def text(self, name, default=""):
        """A setting that production must be given; development and tests have a default."""
        value = self.variables.get(name, "").strip()
        if value:
            return value
        if self.production:
            self.problems.append(f"{name} is missing")
        return default

    def optional(self, name, default=""):
        return self.variables.get(name, "").strip() or default

    def whole(self, name, default, least=0):
        value = self.optional(name, str(default))
        if not value.isdecimal() or int(value) < least:
            self.problems.append(f"{name} must be a whole number of at least {least}")
            return default
        return int(value)

    def failpoint(self):
        """Where a test lets a process die (crm/failpoints.py)."""
        name = self.optional("FAILPOINT")
        if name and self.production:
            self.problems.append("FAILPOINT must not be set in production")
        return name

    def words(self, name, default=()):
        return [word.strip() for word in self.text(name, ",".join(default)).split(",") if word.strip()]

    def secret_key(self):
        key = self.text("SECRET_KEY", "not-secret-used-in-development-and-tests-only-" + "x" * 20)
        if self.production and key and (len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure-")):
            self.problems.append("SECRET_KEY must be 50 random characters or more")
        return key

    def data_keys(self):
        """(data keys by number, index key) out of DATA_KEYS or the file that DATA_KEYS_FILE names."""
        name = "DATA_KEYS_FILE" if self.optional("DATA_KEYS_FILE") else "DATA_KEYS"
        text = self.text(name)
        keys = OPEN_KEYS
        try:
            if name == "DATA_KEYS_FILE":
                with open(text, encoding="ascii") as file:
                    text = file.read()
            if text:
                keys = parse_keys(text)
        except (OSError, UnicodeDecodeError):
            self.problems.append(f"{name} names a file that cannot be read")
        except KeyProblem as problem:
            self.problems.append(f"{name}: {problem}")
        return {int(number): key for number, key in keys.items() if number != INDEX}, keys[INDEX]

    def allowed_hosts(self):
        hosts = self.words("ALLOWED_HOSTS", ("127.0.0.1", "localhost", "[::1]"))
        if self.production and any("*" in host for host in hosts):
            self.problems.append("ALLOWED_HOSTS must name the hosts, without *")
        return hosts

    def site_url(self, hosts):
        """Where mails send their readers, without a slash at the end; by default the first allowed host."""
        scheme = "https" if self.production else "http"
        address = self.optional("SITE_URL", f"{scheme}://{hosts[0].lstrip('.')}" if hosts else "").rstrip("/")
        if self.production and not address.startswith("https://") and hosts:
            self.problems.append("SITE_URL must begin with https://")
        return address

    def trusted_origins(self):
        """Optional: only a proxy that changes the host needs it."""
        origins = [word.strip() for word in self.optional("CSRF_TRUSTED_ORIGINS").split(",") if word.strip()]
        if self.production and any(not origin.startswith("https://") or "*" in origin for origin in origins):
            self.problems.append("CSRF_TRUSTED_ORIGINS must be https:// addresses, without *")
        return origins

    def address(self, name, schemes):
        """A URL with one of these schemes; development and tests get theirs from dev.py."""
        value = self.text(name)
        if not value and not self.production:
            self.problems.append(f"{name} is missing (python3 dev.py manage … and dev.py test set it)")
        elif value and urlsplit(value).scheme not in schemes:
            self.problems.append(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value

    def folder(self, name, default, outside):
        """An absolute folder outside of everything that is served."""
        value = self.text(name, str(default))
        if value and not os.path.isabs(value):
            self.problems.append(f"{name} must be an absolute path")
        elif any(os.path.commonpath([value, str(other)]) == str(other) for other in outside if value):
            self.problems.append(f"{name} must not lie in a folder that is served")
        return value

    def mail_server(self):
        """EMAIL_URL: smtp://, smtp+tls:// (STARTTLS) or smtps://, then user:password@host:port?timeout=10."""
        value = self.text("EMAIL_URL")
        if not value:
            return MailServer()
        try:
            url = urlsplit(value)
            port = url.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[url.scheme]
            timeout = int(parse_qs(url.query).get("timeout", ["10"])[0])
        except (KeyError, ValueError):
            self.problems.append("EMAIL_URL must look like smtp+tls://user:password@host:587")
            return MailServer()
        return MailServer(
            host=url.hostname or "localhost",
            port=port,
            timeout=timeout,
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            starttls=url.scheme == "smtp+tls",
            tls=url.scheme == "smtps",
        )

    def refuse_if_unsafe(self):
        # ImproperlyConfigured, never SystemExit: gunicorn would start a worker that exits again and again.
        if self.problems:
            raise ImproperlyConfigured("Banyan does not start: " + "; ".join(self.problems) + " (docs/operations.md)")
