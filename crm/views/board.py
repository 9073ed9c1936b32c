"""The generic board of an entity, and the move of one record from column to column."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access import Action
from crm.navigation import toast
from crm.views.doors import RecordView


class BoardPage(RecordView):
    """Columns of cards the user may see. Without the right at all: the page says so, with no card and no sum."""

    action = Action.VIEW
    needs_right = False

    def get(self, request):
        entity, user = self.entity, request.user
        may_see = entity.may(user)
        board = entity.board(entity, user, request.GET) if may_see else None
        if board and request.htmx and "column" in request.GET:
            return self.more(board)
        context = {
            "entity": entity,
            "may_see": may_see,
            "title": entity.label_plural(),
            "list_url": entity.url("board"),
        }
        if board:
            context |= self.shown(board)
        part = request.htmx and request.htmx.target == "list"
        template = "entity/_board.html" if part else "entity/board.html"
        response = render(request, template, context)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def shown(self, board) -> dict:
        columns = board.filled()
        may_add = self.entity.has("add") and self.entity.may(self.request.user, Action.ADD)
        return {
            "board": board,
            "listing": board.listing,
            "title": board.title,
            "columns": columns,
            "totals": board.totals(columns),
            "table_url": board.listing.url("list"),
            "may_add": may_add,
            "list_url": self.entity.url("board"),
            "here": self.request.get_full_path(),
        }

    def more(self, board):
        """The next cards of one column."""
        column = board.column(self.request.GET["column"])
        if column is None:
            raise Http404
        cards, more_url = board.next_cards(column, self.request.GET.get("after", ""))
        context = {
            "entity": self.entity,
            "cards": cards,
            "more_url": more_url,
            "column": column,
            "here": board.listing.url(),
            "list_url": board.listing.url("list", **{board.field: column.key}),
        }
        response = render(self.request, "entity/_cards.html", context)
        patch_vary_headers(response, ["HX-Request"])
        return response


class TargetForm(forms.Form):
    """Where a record goes."""

    to = forms.ChoiceField(
        label=gettext_lazy("Move to"),
        error_messages={
            "invalid_choice": gettext_lazy("It cannot be moved there. Choose one of the columns offered."),
            "required": gettext_lazy("Choose where it goes."),
        },
    )

    def __init__(self, *args, targets, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [(column.key, column.label) for column in targets]


class MovePage(RecordView):
    """Move one record to another column: at once, or after the details that the column asks for.

    POST to (the column's key), next (where to go on). A column with a details form shows it until it comes back valid.
    """

    action = Action.CHANGE

    def get(self, request, pk):
        record = self.get_record()
        board = self.board(record)
        column = board.column(request.GET.get("to", ""))
        form_class = board.details_form(record, column) if column in board.targets(record) else None
        if form_class:
            return self.show(record, form_class(record=record), column)
        return self.show(record, TargetForm(targets=board.targets(record)))

    @transaction.atomic
    def post(self, request, pk):
        record = self.get_record(lock=True)
        board = self.board(record)
        column = board.column(request.POST.get("to", ""))
        target = TargetForm(request.POST, targets=board.targets(record))
        if not target.is_valid():
            return self.show(record, target, status=422)
        form_class = board.details_form(record, column)
        if form_class and "confirmed" not in request.POST:
            return self.show(record, form_class(record=record), column)
        form = form_class(request.POST, record=record) if form_class else target
        undo = self.moved(board, record, column, form) if form.is_valid() else None
        if undo is None:
            return self.show(record, form, column if form_class else None, status=422)
        text = _("Moved “%(name)s” to %(column)s") % {"name": record, "column": column.label}
        toast(request, text, undo=undo)
        return self.lead_on(self.next_url(record))

    def moved(self, board, record, column, form) -> str | None:
        """Move; gives the address for Undo, or None when the service refused, which the form then says."""
        details = {} if isinstance(form, TargetForm) else form.cleaned_data
        try:
            with transaction.atomic():
                return board.move(record, column, actor=self.request.user, **details)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return None

    def board(self, record):
        return self.entity.board(self.entity, self.request.user, self.request.GET, record=record)

    def show(self, record, form, column=None, status: int = 200):
        """The form as a page, or in the drawer when a script asks."""
        context = {
            "entity": self.entity,
            "record": record,
            "form": form,
            "column": column,
            "title": _("Move “%(name)s”") % {"name": record},
            "next": self.next_url(record),
        }
        if not self.request.htmx:
            return render(self.request, "entity/move.html", context, status=status)
        response = render(self.request, "entity/_move.html", context, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#drawer", "innerHTML"
        return response

    def next_url(self, record) -> str:
        return next_page(self.request, self.entity.url("record", record))

    def lead_on(self, url: str):
        """The board again as a part after a drop; a whole page after the drawer or without script."""
        if self.request.htmx and self.request.htmx.target != "list":
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url, status=303)


def next_page(request, otherwise: str) -> str:
    """Where a form leads on: the address sent along when it is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else otherwise
