from pathlib import Path

import pytest

from infra.local.engine import assemble
from infra.local.services import services
from infra.local.settings import LocalSettings, read_settings
from infra.local.status import addresses


def test_a_given_model_name_reaches_the_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTROI_STATE", str(tmp_path))
    monkeypatch.delenv("OCTROI_MODEL_NAME", raising=False)
    assert assemble(read_settings()).model_environment["OCTROI_MODEL_NAME"] == "octroi-scorecard"
    monkeypatch.setenv("OCTROI_MODEL_NAME", "another")
    assert assemble(read_settings()).model_environment["OCTROI_MODEL_NAME"] == "another"


def test_a_given_form_of_the_logs_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "password").write_text("hush")
    monkeypatch.setenv("OCTROI_STATE", str(tmp_path))
    monkeypatch.delenv("OCTROI_LOG_FORMAT", raising=False)
    assert assemble(read_settings()).environment("127.0.0.1:1")["OCTROI_LOG_FORMAT"] == "json"
    monkeypatch.setenv("OCTROI_LOG_FORMAT", "console")
    assert assemble(read_settings()).environment("127.0.0.1:1")["OCTROI_LOG_FORMAT"] == "console"


def test_every_service_is_started_once_and_what_takes_applications_last() -> None:
    started = [service.name for service in services(LocalSettings(), {})]
    assert started == ["feature", "scoring", "ledger", "monitoring", "gateway", "ui"]


def test_the_pages_learn_no_address_of_kafka_and_no_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "password").write_text("hush")
    monkeypatch.setenv("OCTROI_STATE", str(tmp_path))
    monkeypatch.setenv("OCTROI_UI_PORT", "8601")
    ui = assemble(read_settings()).services("127.0.0.1:1")[-1].program()
    assert ui.environment["OCTROI_UI_PORT"] == "8601"
    assert ui.environment["OCTROI_UI_API_KEY_FILE"] == str(tmp_path / "api-key")
    assert not {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"} & ui.environment.keys()


def test_the_operators_page_is_among_the_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OCTROI_STATE", str(tmp_path))
    monkeypatch.setenv("OCTROI_MONITORING_PORT", "8104")
    told = addresses(assemble(read_settings()), "127.0.0.1:1")
    assert "Operators' page  http://127.0.0.1:8104" in told.splitlines()
    assert "For people       http://127.0.0.1:8501" in told.splitlines()
