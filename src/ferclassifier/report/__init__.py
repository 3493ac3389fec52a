"""Reports: what a classifier scores, or what is wrong with images, as one page.

Each is a single HTML file that needs no network, or the same as Markdown or JSON. A `_report` is a
document (`_utils.document`), written as `_html` or as Markdown. `_evaluation` and `_audit` gather
what their reports tell, and `_evaluation_sections`, `_vote_sections`, `_group_sections` and
`_audit_sections` put it into words, tables and `_charts`; `_mistakes` and `_disputed` find the
faces that are shown, and `_model` says what a classifier is.
"""

from ferclassifier.report._audit import audit_report
from ferclassifier.report._evaluation import EvaluationReport, evaluation_report
from ferclassifier.report._report import Report

__all__ = ["EvaluationReport", "Report", "audit_report", "evaluation_report"]
