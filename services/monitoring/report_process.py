"""Makes one drift report: python -m services.monitoring.report_process WINDOW.npz FOLDER

A process of its own, because Evidently takes seconds of CPU to import and to run, and 350 MB: the service
that watches the stream neither stalls for it nor keeps it in memory. Its starter sets DO_NOT_TRACK=1.
WINDOW.npz is made by `report_files.write_window`; FOLDER gets result.json (a ReportResult) and report.html.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.monitoring.drift_report import drift_report
from services.monitoring.report_files import read_window, write_report

LESS_URGENT: Final = 5
"""Added to the process's niceness: decisions on the same machine come first."""


def main(arguments: Sequence[str]) -> int:
    """Read a window, write its report and return 0. Whatever goes wrong ends it with a traceback."""
    parser = argparse.ArgumentParser(description="Make one drift report.")
    parser.add_argument("window", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    os.nice(LESS_URGENT)
    window = read_window(given.window)
    report = drift_report(
        window.reference,
        window.current,
        window.features,
        threshold=window.threshold,
        least_rows=window.least_rows,
    )
    write_report(given.folder, report.result, report.html)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
