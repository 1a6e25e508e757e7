"""The champion for MLflow's own servers: raw applications in, decisions out.

MLflow runs this file by itself when it loads the model ("models from code"), so nothing may import it.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from services.contracts.application import LoanApplication
from services.scorecard.bundle import from_files
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.decide import decide_without_reasons
from services.scorecard.model import ready
from services.scorecard.policy import load_policy
from services.scorecard.standard import standard_catalogue


class ServedScorecard(PythonModel):
    """Decides as scoring does, from the same bundle by the same code."""

    def load_context(self, context: PythonModelContext) -> None:
        """Load the bundle. Raises BundleError or FeatureMissing when this release cannot run it."""
        folder = Path(context.artifacts["bundle"])
        bundle = from_files({file.name: file.read_bytes() for file in folder.iterdir()})
        self._catalogue = standard_catalogue()
        self._model = ready(bundle, load_policy(), self._catalogue)
        self._places = bind(self._model.required, self._catalogue.features)

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002 - named so by MLflow
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> pd.DataFrame:
        """Decide on rows of application columns. Raises ValidationError, which names the wrong field."""
        applications = [
            LoanApplication.model_validate({name: cell for name, cell in row.items() if pd.notna(cell)})
            for row in model_input.to_dict("records")
        ]
        matrix = self._catalogue.compute(columns_of(applications))[:, self._places]
        decisions = decide_without_reasons(self._model, matrix)
        return pd.DataFrame(
            {
                "probability_of_default": decisions.probabilities,
                "score": decisions.scores,
                "outcome": decisions.outcomes,
            }
        )


mlflow.models.set_model(ServedScorecard())
