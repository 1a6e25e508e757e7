"""Examples of every event, as JSON: invented applicants, for the documents and for people."""

from typing import Any, Final

APPLICATION: Final[dict[str, Any]] = {
    "SK_ID_CURR": 700417,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "CODE_GENDER": "F",
    "FLAG_OWN_CAR": "Y",
    "FLAG_OWN_REALTY": "Y",
    "CNT_CHILDREN": 1,
    "AMT_INCOME_TOTAL": 171000.0,
    "AMT_CREDIT": 512000.0,
    "AMT_ANNUITY": 27300.0,
    "AMT_GOODS_PRICE": 460000.0,
    "NAME_TYPE_SUITE": "Unaccompanied",
    "NAME_INCOME_TYPE": "Working",
    "NAME_EDUCATION_TYPE": "Higher education",
    "NAME_FAMILY_STATUS": "Married",
    "NAME_HOUSING_TYPE": "House / apartment",
    "REGION_POPULATION_RELATIVE": 0.0194,
    "DAYS_BIRTH": -14235,
    "DAYS_EMPLOYED": -2190,
    "DAYS_REGISTRATION": -5110,
    "DAYS_ID_PUBLISH": -1825,
    "OWN_CAR_AGE": 7,
    "FLAG_MOBIL": 1,
    "FLAG_EMP_PHONE": 1,
    "FLAG_EMAIL": 1,
    "OCCUPATION_TYPE": "Accountants",
    "CNT_FAM_MEMBERS": 3,
    "REGION_RATING_CLIENT": 2,
    "REGION_RATING_CLIENT_W_CITY": 2,
    "WEEKDAY_APPR_PROCESS_START": "TUESDAY",
    "HOUR_APPR_PROCESS_START": 11,
    "ORGANIZATION_TYPE": "Business Entity Type 2",
    "EXT_SOURCE_1": 0.58,
    "EXT_SOURCE_2": 0.64,
    "EXT_SOURCE_3": None,
    "DAYS_LAST_PHONE_CHANGE": -730,
    "FLAG_DOCUMENT_3": 1,
    "AMT_REQ_CREDIT_BUREAU_YEAR": 2,
}
"""An application as a branch fills it in: cells that nobody asked for are left out."""

SMALLEST_APPLICATION: Final[dict[str, Any]] = {
    "SK_ID_CURR": 700418,
    "AMT_INCOME_TOTAL": 96000,
    "AMT_CREDIT": 150000,
    "DAYS_BIRTH": -10950,
}
"""What no decision can do without."""

UNREADABLE: Final[dict[str, Any]] = {
    "application_id": "web-2026-000419",
    "application": {"SK_ID_CURR": 700419, "AMT_INCOME_TOTAL": 96000, "DAYS_BIRTH": -10950},
}
"""A record that becomes a dead letter: AMT_CREDIT is missing."""

_SUBMITTED = {"application_id": "web-2026-000417", "submitted_at": "2026-03-31T09:30:00Z", "channel": "web"}
_APPLICATION_RECORD = {
    "event_id": "5f0c2a9e-8a51-4c8e-9d0e-3f1f6f0f2b11",
    "topic": "loan.applications.v1",
    "partition": 2,
    "offset": 40917,
}
_FEATURES_RECORD = {
    "event_id": "loan.applications.v1:2:40917",
    "topic": "loan.features.v1",
    "partition": 2,
    "offset": 40871,
}
_CATALOGUE_VERSION = "6521fffe3053"
_REASONS = [
    {
        "code": "EXTERNAL_SCORES",
        "text": "External credit scores are good",
        "contribution": -0.61,
    },
    {
        "code": "INSTALMENT_BURDEN",
        "text": "The instalment, set against the income, raises the risk",
        "contribution": 0.18,
    },
]
TRIAL_DECISION: Final[dict[str, Any]] = {
    "outcome": "approved",
    "probability_of_default": 0.0412,
    "score": 641,
    "threshold": 0.0909,
    "reasons": _REASONS,
    "policy_version": "1",
    "model": {"name": "octroi-scorecard", "version": "7", "role": "champion"},
    "catalogue_version": _CATALOGUE_VERSION,
}
"""What would be decided on the application above."""
_DRIFT = {
    "feature": "AMT_CREDIT",
    "statistic": "normed_wasserstein",
    "threshold": 0.1,
    "window": 5000,
}

EXAMPLES: Final[dict[str, tuple[dict[str, Any], ...]]] = {
    "LoanApplicationSubmitted.v1": (
        {
            "event": "LoanApplicationSubmitted",
            "version": 1,
            **_SUBMITTED,
            "application": APPLICATION,
        },
        {"application_id": "web-2026-000418", "application": SMALLEST_APPLICATION},
    ),
    "FeaturesComputed.v1": (
        {
            "event": "FeaturesComputed",
            "version": 1,
            **_SUBMITTED,
            "contract_type": "Cash loans",
            "catalogue_version": _CATALOGUE_VERSION,
            "vector": "AACQQAAAwH9mZiY+",
            "unknown_words": ["OCCUPATION_TYPE"],
            "unknown_fields": ["FAVOURITE_COLOUR"],
            "computed_at": "2026-03-31T09:30:00.204Z",
            "application": _APPLICATION_RECORD,
        },
    ),
    "ApplicationDecided.v1": (
        {
            "event": "ApplicationDecided",
            "version": 1,
            **_SUBMITTED,
            "contract_type": "Cash loans",
            "outcome": "approved",
            "probability_of_default": 0.0412,
            "score": 641,
            "threshold": 0.0909,
            "reasons": _REASONS,
            "policy_version": "1",
            "model": {"name": "octroi-scorecard", "version": "7", "role": "champion"},
            "shadow": {
                "model": {"name": "octroi-scorecard", "version": "8", "role": "challenger"},
                "probability_of_default": 0.0455,
                "score": 633,
                "outcome": "approved",
            },
            "catalogue_version": _CATALOGUE_VERSION,
            "computed_at": "2026-03-31T09:30:00.204Z",
            "decided_at": "2026-03-31T09:30:00.212Z",
            "lineage": {"application": _APPLICATION_RECORD, "features": _FEATURES_RECORD},
        },
    ),
    "LoanOutcomeObserved.v1": (
        {
            "event": "LoanOutcomeObserved",
            "version": 1,
            "application_id": "web-2026-000417",
            "outcome": "repaid",
            "observed_at": "2027-03-31T00:00:00Z",
        },
    ),
    "ChampionChanged.v1": (
        {
            "event": "ChampionChanged",
            "version": 1,
            "alert_id": "champion-scoring-1-8",
            "raised_at": "2026-04-01T08:00:03Z",
            "model_name": "octroi-scorecard",
            "previous_version": "7",
            "current_version": "8",
            "instance": "scoring-1",
        },
    ),
    "DecisionsHeld.v1": (
        {
            "event": "DecisionsHeld",
            "version": 1,
            "alert_id": "held-scoring-1-8-6521fffe3053",
            "raised_at": "2026-04-01T08:00:09Z",
            "model_name": "octroi-scorecard",
            "model_version": "8",
            "catalogue_version": _CATALOGUE_VERSION,
            "features": ["income_per_person"],
            "instance": "scoring-1",
        },
    ),
    "ModelRefused.v1": (
        {
            "event": "ModelRefused",
            "version": 1,
            "alert_id": "refused-scoring-1-9",
            "raised_at": "2026-04-01T08:00:09Z",
            "model_name": "octroi-scorecard",
            "model_version": "9",
            "role": "champion",
            "reason": "booster.json: not in the bundle; train and register the model again",
            "instance": "scoring-1",
        },
    ),
    "DriftDetected.v1": (
        {
            "event": "DriftDetected",
            "version": 1,
            "alert_id": "drift-AMT_CREDIT-17",
            "raised_at": "2026-04-02T12:00:00Z",
            **_DRIFT,
            "distance": 0.213,
        },
    ),
    "DriftCleared.v1": (
        {
            "event": "DriftCleared",
            "version": 1,
            "alert_id": "drift-AMT_CREDIT-18",
            "raised_at": "2026-04-03T12:00:00Z",
            **_DRIFT,
            "distance": 0.041,
        },
    ),
    "ModelHealthDegraded.v1": (
        {
            "event": "ModelHealthDegraded",
            "version": 1,
            "alert_id": "health-octroi-scorecard-7-auc",
            "raised_at": "2026-06-01T06:00:00Z",
            "model_name": "octroi-scorecard",
            "model_version": "7",
            "metric": "auc",
            "value": 0.71,
            "limit": 0.74,
        },
    ),
    "TrialAsked.v1": (
        {
            "event": "TrialAsked",
            "version": 1,
            "trial_id": "0b6f9c52-91d7-4b41-8d2f-5f2c6f1d7a33",
            "asked_at": "2026-03-31T09:30:00Z",
            "applications": [APPLICATION, {**SMALLEST_APPLICATION, "AMT_CREDIT": -1}],
        },
    ),
    "TrialDecided.v1": (
        {
            "event": "TrialDecided",
            "version": 1,
            "trial_id": "0b6f9c52-91d7-4b41-8d2f-5f2c6f1d7a33",
            "decided_at": "2026-03-31T09:30:00.012Z",
            "results": [
                {"decision": TRIAL_DECISION},
                {"errors": [{"field": "AMT_CREDIT", "message": "Input should be greater than 0"}]},
            ],
        },
    ),
    "CatalogueDescribed.v1": (
        {
            "event": "CatalogueDescribed",
            "version": 1,
            "catalogue_version": _CATALOGUE_VERSION,
            "features": [
                {"name": "credit_to_annuity", "definition": "9b1c64f0"},
                {"name": "EXT_SOURCE_1", "definition": "02e7a5d3"},
                {"name": "annuity_to_income", "definition": "c4410be8"},
            ],
        },
    ),
}
"""Events by contract name; the first of an event is complete, a second is the least that is read."""
