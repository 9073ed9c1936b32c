"""Settings for every environment; production takes each one from the environment, docs/operations.md lists them."""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from pghistory import ContextForeignKey, ForeignKey, ObjForeignKey

from crm.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- What the installation decides -----------------------------------------------------------------------------------
DEBUG = env.debug
PRODUCTION, TESTING = env.production, env.kind == "test"
SECRET_KEY = env.secret_key()
DATA_KEYS, INDEX_KEY = env.data_keys()
ALLOWED_HOSTS = env.allowed_hosts()
CSRF_TRUSTED_ORIGINS = env.trusted_origins()
SITE_URL = env.site_url(ALLOWED_HOSTS)
DATA_DIR = Path(env.optional("BANYAN_DATA", str(BASE_DIR / ".dev/demo")))
STATIC_ROOT = env.optional("STATIC_ROOT", str(BASE_DIR / "build/collected"))
SERVED = (STATIC_ROOT, BASE_DIR / "static", BASE_DIR / "build")
FILES_DIR = env.folder("FILES_DIR", DATA_DIR / "files", outside=SERVED)
DATABASE_URL = env.address("DATABASE_URL", ("postgresql", "postgres"))
REDIS_URL = env.address("REDIS_URL", ("redis", "rediss", "unix"))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Banyan <banyan@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
LEASE_SECONDS = env.whole("LEASE_SECONDS", 60, least=1)
SWEEP_SECONDS = env.whole("SWEEP_SECONDS", 60, least=1)
BIN_DAYS = env.whole("BIN_DAYS", 30, least=1)
FAILPOINTS_ENABLED, FAILPOINT = TESTING, env.failpoint()
TRUSTED_PROXIES = env.whole("TRUSTED_PROXIES", 0)
mail_server = env.mail_server()
env.refuse_if_unsafe()

# --- Applications ----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "crm.apps.CrmConfig",
    "customers.apps.CustomersConfig",
    "sales.apps.SalesConfig",
    "marketing.apps.MarketingConfig",
    "service.apps.ServiceConfig",
    "reports.apps.ReportsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "guardian",
    "import_export",
    "allauth",
    "allauth.account",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.content_policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "crm.viewing.ViewAs",
    "crm.middleware.LoginRequired",
    "crm.middleware.Preferences",
    "crm.middleware.Acting",
    "crm.middleware.NoRoom",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.navigation.shell",
            ],
        },
    },
]

# --- Database, cache, sessions: all in PostgreSQL, so that Redis is the broker and nothing else ----------------------
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)}
# Prepared statements get generic plans, which were 24 to 350 times slower on the lists of people who see little.
DATABASES["default"].setdefault("OPTIONS", {}).update(prepare_threshold=None, server_side_binding=False)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "banyan_cache"}}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 3600 * env.whole("SESSION_HOURS", 12, least=1)
PGHISTORY_FOREIGN_KEY_FIELD = ForeignKey(db_index=False)  # copied keys; the log is asked by two alone:
PGHISTORY_OBJ_FIELD, PGHISTORY_CONTEXT_FIELD = ObjForeignKey(db_index=True), ContextForeignKey(db_index=True)

# --- People and access -----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "crm.User"
AUTHENTICATION_BACKENDS = ["crm.backends.AccessBackend"]
# guardian keeps the rows of shares, and crm/access.py alone reads them. With its own backend a share that ended would
# still give has_perm True; it is left out on purpose, and the warning that asks for it is silenced.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
ANONYMOUS_USER_NAME = None
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")  # a test logs in hundreds of times
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "name", "email")}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
LOGIN_URL, LOGIN_REDIRECT_URL = "account_login", "/"
ACCOUNT_ADAPTER = "crm.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PRODUCTION else "http"
# Tests and a demonstration log in from one address again and again; production keeps allauth's limits as well.
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/300s/key"} if PRODUCTION else {"login": "1000/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- The browser -----------------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if PRODUCTION:
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_REDIRECT_EXEMPT = [r"^health/$"]
    SESSION_COOKIE_NAME = "__Host-session"
    SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 31_536_000, least=1)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    env.refuse_if_unsafe()
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Languages and formats -------------------------------------------------------------------------------------------
LANGUAGES = [("zh-hans", _("Chinese (simplified)")), ("en", _("English"))]
LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["crm.formats"]
FIRST_DAY_OF_WEEK = 1
TIME_ZONE = "Asia/Shanghai"  # before somebody is known; then the person's own zone, and the company's for periods
USE_I18N = USE_TZ = True

# --- Files: what we serve to everybody, and private ones in FILES_DIR ------------------------------------------------
STATIC_URL = "/static/"
# build/static holds what set-up takes out of the npm packages: vendor files and the icon sprite.
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "build/static"]
FONTS_DIR = BASE_DIR / "build/fonts"
static_storage = "crm.static_files.StaticFiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": FILES_DIR}},
    "staticfiles": {
        "BACKEND": static_storage if PRODUCTION else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not PRODUCTION
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "crm.uploads.TemporaryUpload"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 10
CUSTOM_LINKS = "customers.customer"  # what a custom field of the type "link" points to
UPLOAD_MAX_BYTES = 1024 * 1024 * env.whole("UPLOAD_MAX_MB", 190, least=1)
ATTACHMENTS_MAX_BYTES = 1024 * 1024 * env.whole("ATTACHMENTS_MAX_MB", 20, least=1)
ATTACHMENTS_MAX_FILES, ATTACHMENTS_MAX_PIXELS = env.whole("ATTACHMENTS_MAX_FILES", 200, least=1), 50_000_000
ATTACHMENTS_SCANNER = env.optional("ATTACHMENTS_SCANNER")
IMPORT_EXPORT_FORMATS_ALLOWED = ("xlsx", "csv")

# --- Mail: without EMAIL_URL development keeps it in the outbox, readable for Administrators; tests in memory ---------
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT, EMAIL_TIMEOUT = mail_server.host, mail_server.port, mail_server.timeout
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail_server.user, mail_server.password
EMAIL_USE_TLS, EMAIL_USE_SSL = mail_server.starttls, mail_server.tls
if not mail_server.host:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend" if TESTING else "crm.mail.KeepBackend"

# --- Background work: the database is the queue of record, Redis only wakes workers ----------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 1200, 1500
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30 if PRODUCTION else 3  # slept to the end whenever a task runs
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_CONSUMER = "crm.consumer:Consumer"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,  # above the hard time limit, or a long task would start twice
    "unacked_restore_interval": 10,  # with throttle 1: a killed worker's task is back after seconds, not minutes
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 25,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}  # a dead Redis never hangs a page
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "crm.tasks.tick", "schedule": SWEEP_SECONDS, "options": {"expires": 60}}}

# --- What the server says --------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "WARNING", "propagate": True}},
}
