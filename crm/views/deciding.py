"""What a person says on the check page of an import: about lines, about groups of lines, about values of a group."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.exchange import begin_check
from crm.exchange.deciding import decide_group, decide_lines, fix_group, skip_group
from crm.models import Job


class DecidingStep:
    """The POSTs of the check page but for the start: ?step=decide, action=lines, group, skip, empty or replace."""

    def decide(self, batch):
        if batch.run_job is not None or batch.check_job is None or batch.check_job.state != Job.State.DONE:
            messages.info(self.request, _("This import was started already"))
            return HttpResponseRedirect(self.url(batch), status=303)
        post = self.request.POST
        action, kind = post.get("action"), post.get("kind", "")
        number, is_fixed = 0, False
        if action == "lines":
            rows = {name[4:]: value for name, value in post.items() if name.startswith("row_")}
            said = {int(line): value for line, value in rows.items() if line.isdecimal() and len(line) < 10}
            number = decide_lines(batch, said)
        elif action == "group":
            number = decide_group(batch, post.get("match", ""), post.get("decision", ""))
        elif kind in batch.kinds and action == "skip":
            number = skip_group(batch, kind)
        elif kind in batch.kinds and action in ("empty", "replace"):
            said = dict(zip(post.getlist("value"), post.getlist("new"), strict=False)) if action == "replace" else None
            is_fixed = fix_group(batch, kind, said) > 0
        if is_fixed:
            begin_check(batch, self.importer)
            return HttpResponseRedirect(self.url(batch), status=303)
        text = ngettext("%(n)d row decided", "%(n)d rows decided", number) % {"n": number}
        messages.success(self.request, text)
        return HttpResponseRedirect(self.url(batch, **self.kept(post)), status=303)

    def kept(self, post) -> dict:
        """The filter that the page had."""
        name, _equals, value = post.get("filter", "").partition("=")
        has_rows = post.get("action") in ("lines", "group")  # a group that was left out is empty now
        return {name: value} if has_rows and name in ("kind", "match", "column", "show") else {}
