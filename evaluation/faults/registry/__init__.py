"""Every fault that is tried: name, kind, table, what is done, what must come of it.

A new fault is a new entry in the list that it fits. What it needs beyond `rows` and `content` is a
function there; what may come of it stands in `outcomes`.
"""

from evaluation.faults.model import Fault
from evaluation.faults.registry.files import FILES
from evaluation.faults.registry.forms import FORMS
from evaluation.faults.registry.gates import GATES
from evaluation.faults.registry.values import VALUES
from evaluation.faults.registry.warnings import WARNINGS

FAULTS: tuple[Fault, ...] = (*VALUES, *FORMS, *FILES, *GATES, *WARNINGS)
