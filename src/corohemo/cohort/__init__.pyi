"""The public names and where they are defined: ``__init__.py`` reads this list too."""

from corohemo.cohort.collect import CohortResult as CohortResult
from corohemo.cohort.manifest import CohortCase as CohortCase
from corohemo.cohort.manifest import Manifest as Manifest
from corohemo.cohort.manifest import read_manifest as read_manifest
from corohemo.cohort.options import CohortOptions as CohortOptions
from corohemo.cohort.run import run_cohort as run_cohort
