"""Carrying out a run: a document for each scope of rights, its files made once, a mail for each recipient.

A group of people with the same scope, language and time zone is one step: computed and rendered first, then files,
copies and mails are written in one transaction. A worker that dies loses the step it was in and nothing else.
"""

from tempfile import SpooledTemporaryFile

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.access import Action
from crm.failpoints import failpoint
from crm.files import save_file
from crm.jobs import JobFailed
from crm.mail import queue_mail
from crm.models import Company, User
from reports import document as d
from reports.models import ReportRun, ReportSchedule, RunArtefact, RunCopy
from reports.periods import period_of
from reports.renderers.excel import render_excel
from reports.renderers.mail import Attachment, Links, render_mail
from reports.renderers.pdf import render_pdf
from reports.rhythm import rhythm_text
from reports.scopes import scope_of
from reports.services import report_of

MAIL = "report"
KEPT_DAYS = 180
IN_MEMORY = 4 * 1024 * 1024
Format, Copy = ReportSchedule.Format, RunCopy.State
RENDERERS = {Format.EXCEL: render_excel, Format.PDF: render_pdf}
TYPES = {
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PDF: "application/pdf",
}
LABELS = {Format.EXCEL: "Excel", Format.PDF: "PDF"}


def send_report(job, progress):
    """The handler of the job: everybody gets the own figures; who has been served in an earlier attempt is left out."""
    run = ReportRun.objects.select_related("schedule", "owner").filter(pk=job.parameters["run"]).first()
    if run is None:
        raise JobFailed(_("The schedule was removed."))
    report = report_of(run.schedule)
    if report is None:
        raise JobFailed(_("This version of Banyan does not have this report."))
    if not run.owner.rights.may(ReportSchedule, Action.VIEW):
        raise JobFailed(_("The owner of the schedule may no longer schedule reports."))
    served = set(run.copies.values_list("user", flat=True))
    everybody = recipients_of(run)
    progress.expect(len(everybody))
    progress.step(len(served))
    groups = {}
    for user in everybody:
        if user.pk not in served:
            scope = scope_of(user)
            key = (scope, user.language, user.time_zone) if report.may(user) else None
            groups.setdefault(key, []).append(user)
    for key, users in groups.items():
        if progress.cancelled:
            return
        if key is None:
            refuse(run, users, progress)
        else:
            serve(run, report, key[0], users, progress)
        failpoint("step_committed")
    with progress.finish():
        ReportRun.objects.filter(pk=run.pk).update(finished_at=Now())


def recipients_of(run):
    if run.kind == ReportRun.Kind.TEST:
        return [run.owner]
    return list(run.schedule.recipients().select_related("team"))


def refuse(run, users, progress):
    with progress.chunk(len(users)):
        RunCopy.objects.bulk_create(RunCopy(run=run, user=user, state=Copy.FORBIDDEN) for user in users)
        progress.count("forbidden", len(users))


def serve(run, report, scope, users, progress):
    """One document for people who see the same, in their language and time zone."""
    shared = scope.sees_all and len(users) > 1
    document = document_for(run, report, users[0], shared)
    progress.tell()
    if document.is_empty and run.schedule.only_with_data and run.kind != ReportRun.Kind.TEST:
        with progress.chunk(len(users)):
            copies = [RunCopy(run=run, user=user, state=Copy.EMPTY, scope=scope.key) for user in users]
            RunCopy.objects.bulk_create(copies)
            progress.count("empty", len(users))
        return
    known = {a.format: a for a in artefacts_of(run, scope, users[0])}
    files = {}
    for kind in run.schedule.formats if scope.may_take_out and not known else ():
        files[kind] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed below, after the transaction
        RENDERERS[Format(kind)](document, files[kind])
        progress.tell()
    try:
        with progress.chunk(len(users)):
            made = [keep(run, scope, kind, file, document) for kind, file in files.items()]
            for user in users:
                write_to(user, run, scope, document, made or list(known.values()))
            progress.count("mailed", len(users))
            failpoint("step_written")
    finally:
        for file in files.values():
            file.close()


def document_for(run, report, user, shared):
    """The document of the run for one person, in this person's language."""
    company = Company.current()
    period = period_of(run.schedule.period, company, today=timezone.localdate(run.due_at, company.zone))
    with translation.override(user.language):
        schedule = f"{run.schedule.name}, {rhythm_text(run.schedule)}"
    about = d.Run(run.number, timezone.now(), schedule)
    return report.document(user, period, parameters=run.schedule.parameters, shared_by_all=shared, run=about)


def artefacts_of(run, scope, user):
    """Files that an earlier attempt made for the same scope, where somebody's rights became those meanwhile."""
    same = RunArtefact.objects.filter(run=run, scope=scope.key, language=user.language, time_zone=user.time_zone)
    return same.select_related("file").order_by("-format")


def keep(run, scope, kind, file, document):
    """Put a rendered file into the storage, once for its scope, language and format."""

    def copy(target):
        file.seek(0)
        while piece := file.read(1024 * 1024):
            target.write(piece)

    stored = save_file(copy, document.file_name(kind), TYPES[Format(kind)], user=None, days=KEPT_DAYS)
    return RunArtefact.objects.create(
        run=run, scope=scope.key, language=document.language, time_zone=document.zone, format=kind, file=stored
    )


def write_to(user, run, scope, document, artefacts):
    """The copy of one recipient and the mail that brings it."""
    copy = RunCopy.objects.create(run=run, user=user, state=Copy.MAILED, scope=scope.key, rows=document.row_count)
    copy.artefacts.set(artefacts)
    links = Links(
        settings.SITE_URL + reverse("report-received", args=[copy.pk]),
        "" if run.kind == ReportRun.Kind.TEST else settings.SITE_URL + reverse("report-stop", args=[copy.pk]),
    )
    attached = [Attachment(a.file.name, LABELS[Format(a.format)], a.file.size) for a in artefacts]
    mail = render_mail(document, links, attached, name=user.name)
    copy.message = queue_mail(
        MAIL,
        to=user,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        attachments=[artefact.file for artefact in artefacts],
        facts={"copy": copy.pk, "scope": scope.key},
        dedupe_key=f"{MAIL}:{run.pk}:{user.pk}",
    )
    copy.save(update_fields=["message"])


def reason_to_hold(message):
    """Asked just before the mail leaves: a recipient whose rights are no longer those of the report gets nothing."""
    user = User.objects.filter(pk=message.user_id).first() if message.user_id else None
    if user is None:
        return gettext_noop("The recipient no longer exists.")
    if scope_of(user).key != message.facts.get("scope"):
        return gettext_noop("The recipient’s rights have changed since the report was made.")
    return ""
