"""Private training on cleared versions, charged in a ledger before it starts.

plan = training.draft("harbour@1", hash, epsilon=8, purpose="...", population=4000, batch=256, steps=300)
fitted = training.fit(plan, training.task("text", classes=("a", "b")), "workspace")
training.predict(fitted.folder, ["a new text"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.accounting import calibrate as calibrate
    from training.data import Example as Example
    from training.data import Owner as Owner
    from training.inspection import Report as Report
    from training.inspection import abandon as abandon
    from training.inspection import audited as audited
    from training.plan import Optimizer as Optimizer
    from training.plan import Plan as Plan
    from training.plan import draft as draft
    from training.prediction import Prediction as Prediction
    from training.prediction import predict as predict
    from training.runs import Fitted as Fitted
    from training.runs import Outlook as Outlook
    from training.runs import fit as fit
    from training.settings import Settings as Settings
    from training.spending import Person as Person
    from training.spending import Spending as Spending
    from training.spending import budget as budget
    from training.spending import people as people
    from training.tasks import Task as Task
    from training.tasks import named as task

__all__ = [
    "Example",
    "Fitted",
    "Optimizer",
    "Outlook",
    "Owner",
    "Person",
    "Plan",
    "Prediction",
    "Report",
    "Settings",
    "Spending",
    "Task",
    "abandon",
    "audited",
    "budget",
    "calibrate",
    "draft",
    "fit",
    "people",
    "predict",
    "task",
]

_PLACES = {
    "Example": ("training.data", "Example"),
    "Fitted": ("training.runs", "Fitted"),
    "Optimizer": ("training.plan", "Optimizer"),
    "Outlook": ("training.runs", "Outlook"),
    "Owner": ("training.data", "Owner"),
    "Person": ("training.spending", "Person"),
    "Plan": ("training.plan", "Plan"),
    "Prediction": ("training.prediction", "Prediction"),
    "Report": ("training.inspection", "Report"),
    "Settings": ("training.settings", "Settings"),
    "Spending": ("training.spending", "Spending"),
    "Task": ("training.tasks", "Task"),
    "abandon": ("training.inspection", "abandon"),
    "audited": ("training.inspection", "audited"),
    "budget": ("training.spending", "budget"),
    "calibrate": ("training.accounting", "calibrate"),
    "draft": ("training.plan", "draft"),
    "fit": ("training.runs", "fit"),
    "people": ("training.spending", "people"),
    "predict": ("training.prediction", "predict"),
    "task": ("training.tasks", "named"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'training' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value
