"""How people log in: allauth without sign-up, and its mails through our outbox."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.sites.shortcuts import get_current_site
from django.utils.translation import get_language, override


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        """Administrators make accounts; nobody makes one for himself."""
        return False

    def format_email_subject(self, subject):
        return subject

    def send_mail(self, template_prefix, email, context):
        """Queue the mail: it holds a secret link, so the outbox drops its body once it is sent."""
        from crm.mail import queue_secret_mail

        user = context.get("user")
        site = get_current_site(current.request)
        with override(user.language if user else get_language()):
            message = self.render_mail(
                template_prefix, email, {"request": current.request, "email": email, "current_site": site, **context}
            )
        html = next((body for body, kind in message.alternatives if kind == "text/html"), "")
        queue_secret_mail(user or email, message.subject, message.body, html)
