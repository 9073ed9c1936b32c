"""Sign-ins, refused ones and sign-outs go into the access log, through whichever door they came."""

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from crm.history import log_access

LONGEST_NAME = 150


def listen():
    """Hear what Django's authentication says; called once at start."""
    user_logged_in.connect(log_login, dispatch_uid="access_log")
    user_logged_out.connect(log_logout, dispatch_uid="access_log")
    user_login_failed.connect(log_refusal, dispatch_uid="access_log")


def address_of(request) -> str | None:
    return request.META.get("REMOTE_ADDR") if request is not None else None


def log_login(sender, request, user, **more):
    log_access("login", user=user, address=address_of(request))


def log_logout(sender, request, user, **more):
    if user is not None:
        log_access("logout", user=user, address=address_of(request))


def log_refusal(sender, credentials, request=None, **more):
    """With the name that was tried, never the password."""
    tried = str(credentials.get("username") or credentials.get("email") or "").replace("\x00", "")
    log_access("login_failed", user=None, address=address_of(request), name=tried[:LONGEST_NAME])
