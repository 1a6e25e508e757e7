"""Each page of the application on the whole engine, without a browser."""

import httpx
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from services.contracts.examples import APPLICATION as EXAMPLE
from services.ui import launching
from tests.e2e.following import wait_for
from tests.engine import RunningEngine
from tests.integration.ui.looking import shown

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.mlflow]
WITHIN = 120
REFUSED_BY_A_RULE = {**EXAMPLE, "AMT_ANNUITY": 2 * EXAMPLE["AMT_INCOME_TOTAL"]}


@pytest.fixture
def pages(engine: RunningEngine, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    st.cache_resource.clear()
    st.cache_data.clear()
    opened = AppTest.from_file(str(launching.APPLICATION), default_timeout=WITHIN)
    opened.query_params["lang"] = "en"
    return opened.run()


def decide(pages: AppTest) -> str:
    """Hand in the example and return its id."""
    pages.button(key="load-example").click().run()
    pages.button(key="submit").click().run()
    return str(pages.session_state["last-application"].application_id)


def client(engine: RunningEngine) -> httpx.Client:
    return httpx.Client(base_url=engine.gateway, headers={"X-API-Key": engine.api_key}, timeout=30)


def wait_until_listed(gateway: httpx.Client, application_id: str) -> None:
    """Wait for the newest of the ledger, which is behind the topic, to be this one and decided."""

    def listed() -> bool:
        newest = gateway.get("/v1/applications", params={"limit": 1}).json()["items"]
        told = [(item["application_id"], item["state"]) for item in newest]
        return told == [(application_id, "decided")]

    wait_for(listed, seconds=60, what="the decided application in the ledger")


def test_the_example_is_decided_as_the_gateway_says(engine: RunningEngine, pages: AppTest) -> None:
    application_id = decide(pages)
    with client(engine) as gateway:
        decision = gateway.get(f"/v1/applications/{application_id}").json()["decision"]
    page = shown(pages)
    assert f"{decision['score']} of 850" in page
    assert f"{decision['probability_of_default']:.1%}" in page
    for reason in decision["reasons"]:
        assert reason["text"].replace("'", "&#x27;") in page
    assert "All applicants" in page
    assert "Compared with others" in page
    assert application_id in pages.query_params["id"]


def test_what_the_document_does_not_allow_is_told_beside_its_field(pages: AppTest) -> None:
    pages.button(key="load-example").click().run()
    pages.text_input(key="field:SK_ID_CURR").set_value("99999999999999999999").run()
    pages.button(key="submit").click().run()
    assert "A whole number from 1" in shown(pages)


def test_an_unknown_application_is_told(pages: AppTest) -> None:
    pages.query_params["id"] = "nobody"
    pages.switch_page("page_decision.py").run()
    assert "There is no application nobody" in shown(pages)


def test_what_if_decides_as_the_engine_and_writes_nothing(engine: RunningEngine, pages: AppTest) -> None:
    application_id = decide(pages)
    with client(engine) as gateway:
        wait_until_listed(gateway, application_id)
        before = gateway.get("/v1/applications", params={"limit": 1}).json()["items"]
        pages.switch_page("page_whatif.py").run()
        now = shown(pages)
        pages.slider(key="slide:amount").set_value(1_200_000.0).run()
        moved = shown(pages)
        after = gateway.get("/v1/applications", params={"limit": 1}).json()["items"]
    assert "With these values" in now
    assert now != moved
    assert before == after
    assert pages.slider(key="slide:annuity").value > EXAMPLE["AMT_ANNUITY"]
    pages.button(key="what-if-reset").click().run()
    assert pages.slider(key="slide:amount").value == EXAMPLE["AMT_CREDIT"]


def test_history_filters_and_turns_pages(engine: RunningEngine, pages: AppTest) -> None:
    application_id = decide(pages)
    with client(engine) as gateway:
        answer = gateway.post(
            "/v1/applications", json={"application": REFUSED_BY_A_RULE}, headers={"Prefer": "wait=30"}
        ).json()
        assert answer["decision"]["outcome"] == "refused"
        wait_until_listed(gateway, answer["application_id"])
    pages.switch_page("page_history.py").run()
    assert not pages.exception
    assert {application_id, answer["application_id"]} <= set(pages.dataframe[0].value["Application"])
    pages.selectbox(key="history-outcome").set_value("refused").run()
    assert {text.partition(" ")[2] for text in pages.dataframe[0].value["Outcome"]} == {"Refused"}
    assert answer["application_id"] in set(pages.dataframe[0].value["Application"])
    pages.text_input(key="history-id").set_value(application_id)
    pages.button(key="history-open").click().run()
    assert application_id in shown(pages)


def test_a_rule_that_decided_is_the_one_reason(pages: AppTest) -> None:
    pages.button(key="load-example").click().run()
    pages.text_input(key="field:AMT_INCOME_TOTAL").set_value("9,000").run()
    pages.text_input(key="field:AMT_ANNUITY").set_value("3,000").run()
    pages.button(key="submit").click().run()
    page = shown(pages)
    assert "A rule of the lender decides: the stated income is implausibly low" in page
    assert "the probability did not decide" in page
    assert "the threshold</small>" not in page
    assert [fold.label for fold in pages.expander] == ["What the model would have said"]
    assert "octroi-step" in page


def test_an_application_that_is_known_is_modified_and_another_one_begins_anew(
    engine: RunningEngine, pages: AppTest
) -> None:
    application_id = decide(pages)
    with client(engine) as gateway:
        known = gateway.get(f"/v1/applications/{application_id}").json()["application"]
    pages.switch_page("page_new.py").run()
    pages.button(key="load-empty").click().run()
    assert pages.text_input(key="field:AMT_CREDIT").value == ""
    pages.text_input(key="load-id").set_value(application_id)
    pages.button(key="load-open").click().run()
    assert pages.text_input(key="field:AMT_CREDIT").value == f"{known['AMT_CREDIT']:,.0f}"
    assert pages.text_input(key="field:SK_ID_CURR").value != str(known["SK_ID_CURR"])
    pages.switch_page("page_decision.py").run()
    pages.button(key="again").click().run()
    assert pages.text_input(key="field:AMT_CREDIT").value == ""


def test_what_somebody_else_handed_in_is_compared_and_tried(engine: RunningEngine, pages: AppTest) -> None:
    with client(engine) as gateway:
        answer = gateway.post(
            "/v1/applications", json={"application": EXAMPLE}, headers={"Prefer": "wait=30"}
        ).json()
    pages.query_params["id"] = answer["application_id"]
    pages.switch_page("page_decision.py").run()
    assert "Compared with others" in shown(pages)
    pages.button(key="to-what-if").click().run()
    assert pages.slider(key="slide:amount").value == EXAMPLE["AMT_CREDIT"]


def test_the_history_is_in_the_order_that_the_address_asks_for(pages: AppTest) -> None:
    decide(pages)
    pages.query_params["sort"] = "probability_of_default"
    pages.query_params["state"] = "no such state"
    pages.switch_page("page_history.py").run()
    assert not pages.exception
    assert pages.selectbox(key="history-sort").value == "probability_of_default"
    found = list(pages.dataframe[0].value["Probability of default"])
    assert found == sorted(found, reverse=True)
    assert pages.selectbox(key="history-state").value is None


def test_the_model_is_the_champion_with_its_figures(engine: RunningEngine, pages: AppTest) -> None:
    pages.switch_page("page_model.py").run()
    page = shown(pages)
    assert "octroi-scorecard, version" in page
    assert "Do probabilities come true?" in page
    pages.select_slider(key="threshold").set_value(0.05).run()
    assert "at 5.0%" in shown(pages)
    links = [element.proto.url for element in pages.get("link_button")]
    assert any(link.startswith(engine.environment["MLFLOW_TRACKING_URI"]) for link in links)


def test_monitoring_tells_what_waits(engine: RunningEngine, pages: AppTest) -> None:
    decide(pages)
    pages.switch_page("page_monitoring.py").run()
    page = shown(pages)
    assert "Waiting before each stage" in page
    assert [element.proto.url for element in pages.get("link_button")] == [engine.monitoring]


def test_batches_are_listed(pages: AppTest) -> None:
    pages.switch_page("page_batch.py").run()
    assert "Batches" in shown(pages)
    assert pages.button(key="batch-start").disabled
