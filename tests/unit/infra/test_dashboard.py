import re

import pytest
import yaml
from prometheus_client import CollectorRegistry

from infra.local.services import services
from infra.local.settings import REPOSITORY, LocalSettings
from services.feature.metrics import count_unknown
from services.gateway.metrics import GatewayMetrics
from services.kit.metrics import StageMetrics
from services.ledger.metrics import LedgerMetrics
from services.monitoring.metrics import MonitoringMetrics
from tests.dashboard import GRAFANA, dashboard, groups, queries, selectors

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
PAIRS = {"(": ")", "[": "]", "{": "}"}


def exported() -> set[str]:
    """Return the names under which the services' metrics are scraped."""
    registry = CollectorRegistry()
    for metrics in (StageMetrics, count_unknown, LedgerMetrics, GatewayMetrics, MonitoringMetrics):
        metrics(registry)
    return {family.name + suffix for family in registry.collect() for suffix in SUFFIXES[family.type]}


@pytest.mark.parametrize("query", queries())
def test_every_metric_of_the_dashboard_is_exported(query: str) -> None:
    named = {name for name, _ in selectors(query)}
    assert named
    assert named <= exported()


@pytest.mark.parametrize("query", queries())
def test_every_bracket_and_quote_of_a_query_is_closed(query: str) -> None:
    waiting = list[str]()
    for sign in re.sub(r'"[^"]*"', "", query):
        if sign in PAIRS:
            waiting.append(PAIRS[sign])
        elif sign in PAIRS.values():
            assert waiting.pop() == sign
    assert not waiting
    assert query.count('"') % 2 == 0


def test_panels_are_told_apart_and_ask_the_provisioned_source() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    [source] = yaml.safe_load((GRAFANA / "provisioning/datasources/octroi.yml").read_text())["datasources"]
    targets = [target for panel in panels for target in panel["targets"]]
    assert {asked["datasource"]["uid"] for asked in (*panels, *targets)} == {source["uid"]}


def test_variables_of_queries_are_asked_for_and_legends_are_grouped_by() -> None:
    told = dashboard()
    known = {variable["name"] for variable in told["templating"]["list"]} | {"__rate_interval"}
    assert {name for query in queries() for name in re.findall(r"\$(\w+)", query)} <= known
    for panel in told["panels"]:
        for target in panel["targets"]:
            assert set(re.findall(r"{{(\w+)}}", target["legendFormat"])) <= groups(target["expr"])


def test_prometheus_scrapes_every_service_at_its_default_port() -> None:
    told = yaml.safe_load((REPOSITORY / "infra/prometheus/prometheus.yml").read_text())
    scraped = {
        job["job_name"]: [target for static in job["static_configs"] for target in static["targets"]]
        for job in told["scrape_configs"]
    }
    started = services(LocalSettings(), {})
    assert scraped == {each.name: [f"127.0.0.1:{each.port}"] for each in started if each.name != "ui"}
