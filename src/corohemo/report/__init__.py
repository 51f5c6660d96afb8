"""The case folder: tables, fields, pictures, methods and the page that shows them.

``write_report`` writes a folder from indices; ``render_report`` makes its pages again from the
files in it, so that a report never shows what the folder does not hold.
"""

from corohemo.report.folder import write_report
from corohemo.report.page import render_report

__all__ = ["render_report", "write_report"]
