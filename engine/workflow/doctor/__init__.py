"""The import doctor: makes models drawn elsewhere run here, and says what it did and what people have to decide."""

from engine.workflow.doctor.bringing import Brought, bring
from engine.workflow.doctor.examination import Examination, Fix
from engine.workflow.doctor.examining import apply, examine, merged, treat
from engine.workflow.doctor.form_shelf import is_form
from engine.workflow.doctor.forms import files_of as forms_of
from engine.workflow.doctor.mending import mend

__all__ = [
    "Brought",
    "Examination",
    "Fix",
    "apply",
    "bring",
    "examine",
    "forms_of",
    "is_form",
    "mend",
    "merged",
    "treat",
]
