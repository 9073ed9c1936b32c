"""Models of the reports floor: schedules, their runs, the files a run made and what became of each recipient."""

from reports.models.runs import ReportRun, RunArtefact, RunCopy
from reports.models.schedules import ReportSchedule

__all__ = ["ReportRun", "ReportSchedule", "RunArtefact", "RunCopy"]
