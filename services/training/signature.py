"""What the registered model takes and gives, in MLflow's terms."""

import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from services.contracts.application import LoanApplication
from services.contracts.examples import APPLICATION
from services.scorecard.columns import CATEGORY_COLUMNS, IDENTIFIER


def signature() -> ModelSignature:
    """Columns of the application table in, the decision out."""
    outputs = (
        ("probability_of_default", DataType.double),
        ("score", DataType.long),
        ("outcome", DataType.string),
    )
    return ModelSignature(
        inputs=Schema([_column(name) for name in LoanApplication.model_fields]),
        outputs=Schema([ColSpec(kind, name) for name, kind in outputs]),
    )


def example() -> pd.DataFrame:
    """Return an invented application with the types of the signature."""
    given = pd.DataFrame([{name: cell for name, cell in APPLICATION.items() if cell is not None}])
    return given.astype({name: float for name in given if _type_of(str(name)) is DataType.double})


def _column(name: str) -> ColSpec:
    return ColSpec(_type_of(name), name, required=LoanApplication.model_fields[name].is_required())


def _type_of(name: str) -> DataType:
    if name == IDENTIFIER:
        return DataType.long
    # Whole numbers too are doubles here, since a column of whole numbers could not have empty cells.
    return DataType.string if name in CATEGORY_COLUMNS else DataType.double
