"""Scoring starts without the libraries that only training needs."""

import subprocess
import sys


def test_scoring_imports_nothing_that_only_training_needs() -> None:
    program = (
        "import sys, services.scoring.__main__, services.scoring.file; "
        "print({'xgboost', 'sklearn', 'pandas', 'scipy', 'mlflow'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "set()"
