"""FastAPI around XGBoost and nothing else: the least that an answer over HTTP costs in Python."""

import os

import numpy as np
import orjson
import xgboost
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


def application() -> FastAPI:
    """Return the application: an array of arrays of features in, probabilities out."""
    booster = xgboost.Booster({"nthread": 1}, model_file=os.environ["BOOSTER"])
    served = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @served.post("/predict")
    async def predict(request: Request) -> Response:
        matrix = np.array(orjson.loads(await request.body()), dtype=np.float32)
        return JSONResponse(booster.inplace_predict(matrix, validate_features=False).tolist())

    @served.get("/ready")
    async def ready() -> str:
        return "ready"

    return served
