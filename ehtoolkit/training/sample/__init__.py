"""The sample: forty invented providers over six practices, whose records and keystores show every finding.

Everything is made of what stands in this package, by the training clock: on every computer the same people with the
same numbers and the same key pairs. Certificates are signed by this computer's training authority, which does not list
them: the trainer's list of requests is for those of the lesson.
"""

from __future__ import annotations

from ehtoolkit.training.sample.sample import Sample, SampleState

__all__ = ["Sample", "SampleState"]
