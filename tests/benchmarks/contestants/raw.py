"""FastAPI around this project's contract, its features and XGBoost: predictions on raw applications."""

import os
from pathlib import Path

import numpy as np
import xgboost
from fastapi import FastAPI
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.contracts.application import LoanApplication
from services.scorecard.bundle import BOOSTER_FILE, from_files
from services.scorecard.columns import columns_of
from services.scorecard.compatibility import bind
from services.scorecard.standard import standard_catalogue


def application() -> FastAPI:
    """Return the application: an array of applications in, probabilities out."""
    folder = Path(os.environ["BUNDLE"])
    bundle = from_files({file.name: file.read_bytes() for file in folder.iterdir()})
    booster = xgboost.Booster({"nthread": 1}, model_file=str(folder / BOOSTER_FILE))
    catalogue = standard_catalogue()
    places = bind(bundle.features, catalogue.features)
    contract = TypeAdapter(list[LoanApplication])
    served = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @served.post("/predict")
    async def predict(request: Request) -> Response:
        applications = contract.validate_json(await request.body())
        matrix = np.ascontiguousarray(catalogue.compute(columns_of(applications))[:, places])
        return JSONResponse(booster.inplace_predict(matrix, validate_features=False).tolist())

    @served.get("/ready")
    async def ready() -> str:
        return "ready"

    return served
