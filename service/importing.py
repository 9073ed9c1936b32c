"""What an import of cases needs beyond their columns: the moments of its status, and its queue."""

from django.core.exceptions import ValidationError
from django.utils import timezone

from crm.exchange import Importer
from customers.importing import OF_COMPANIES, WithRoles
from service.forms import NO_RESOLUTION
from service.models import Status
from service.services import stamp


class CaseImporter(WithRoles, Importer):
    """Cases by subject and customer. Without an assignee they are the importer's own."""

    name_column = "subject"
    makes = {"customer": OF_COMPANIES}
    aliases = {
        "subject": ("主题", "标题", "工单", "工单标题", "title", "case subject"),
        "customer": ("客户", "客户名称", "公司", "company", "account"),
        "contact": ("联系人", "contact name"),
        "priority": ("优先级",),
        "status": ("状态", "工单状态"),
        "type": ("类型", "工单类型", "case type"),
        "description": ("描述", "问题描述", "details"),
        "resolution": ("处理结果", "解决方案", "solution"),
        "due_at": ("截止时间", "due date"),
        "owner": ("处理人", "负责人", "assignee", "case owner"),
    }

    def prepare(self, record, given):
        self.check_contact(record, given)
        if record.status == Status.RESOLVED and not record.resolution:
            raise ValidationError({"resolution": NO_RESOLUTION})
        stamp(record, Status(record.status), timezone.now())

    def revise(self, record, given, before):
        if record.status != before["status"]:
            self.prepare(record, given)
        else:
            self.check_contact(record, given)
