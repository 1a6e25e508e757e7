"""What the operators' interface says of itself."""

import pytest
from fastapi import FastAPI

from services.monitoring import routes_operate
from services.monitoring.alert import Alert


@pytest.mark.parametrize("path", ["/v1/alerts/{alert_id}/acknowledge", "/v1/alerts/{alert_id}/silence"])
def test_who_looks_after_an_alert_is_told_what_comes_back(path: str) -> None:
    application = FastAPI()
    application.include_router(routes_operate.router)
    document = application.openapi()
    answer = document["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Alert"}
    assert document["components"]["schemas"]["Alert"]["properties"].keys() == Alert.model_fields.keys()
