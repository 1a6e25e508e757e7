"""Reasons by shap's TreeExplainer, in its own environment."""

import sys

import numpy as np
import shap  # type: ignore[import-not-found]  # only in its own environment
import xgboost

from tests.benchmarks.contestants.timing import tell

if __name__ == "__main__":
    file, matrix, rows = sys.argv[1:]
    booster = xgboost.Booster({"nthread": 1}, model_file=file)
    tell(shap.TreeExplainer(booster).shap_values, np.load(matrix), int(rows))
