"""Settings of a case: TOML in, option objects out, every default with its source.

Units stand in the key (``mean_aortic_pressure_mmhg``); an unknown key is an error that names the
nearest known one. The option classes of the stages are the only place where a default is written.
"""

from corohemo.config.case_config import CaseConfig, read_case, template
from corohemo.config.options import CaseOptions, ReportOptions
from corohemo.config.sections import Setting

__all__ = ["CaseConfig", "CaseOptions", "ReportOptions", "Setting", "read_case", "template"]
