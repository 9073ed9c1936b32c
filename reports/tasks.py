"""What the worker and the clock do for reports: the job that sends a run, the tick that starts what is due."""

from django.utils.translation import gettext_lazy as _

from crm import jobs, mail
from reports import delivery, failures, services

jobs.job(
    services.JOB,
    label=_("Send a report"),
    outcomes={
        "mailed": (_("Mails written"), "green"),
        "empty": (_("Nothing to report"), "gray"),
        "forbidden": (_("May not see this report"), "amber"),
    },
    failed=failures.run_failed,
)(delivery.send_report)
jobs.on_tick(services.start_due_schedules)
jobs.on_tick(failures.tell_of_undelivered)
mail.mail_check(delivery.MAIL)(delivery.reason_to_hold)
