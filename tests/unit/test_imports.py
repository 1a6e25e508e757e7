"""A service that was killed is back the sooner, the less it loads."""

import subprocess
import sys

import pytest

LEFT_ALONE = {
    "services.gateway.__main__": ("numpy", "pandas", "mlflow", "sqlalchemy"),
    "services.feature.__main__": ("xgboost", "pyarrow", "pandas", "sklearn", "sqlalchemy"),
    "services.scoring.__main__, services.scoring.file": ("xgboost", "sklearn", "pandas", "scipy", "mlflow"),
    "services.ledger.__main__": ("numpy", "pandas", "sqlalchemy"),
    "services.monitoring.__main__": ("evidently", "pandas", "mlflow", "scipy", "sqlalchemy"),
    "services.scorecard.columns, services.scorecard.compatibility, services.scorecard.policy, "
    "services.scorecard.standard": ("xgboost", "pyarrow", "pandas", "sklearn"),
}


@pytest.mark.parametrize("programs", LEFT_ALONE)
def test_a_service_leaves_alone_what_only_others_need(programs: str) -> None:
    program = f"import sys, {programs}; print(*set({LEFT_ALONE[programs]}) & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.split() == []
