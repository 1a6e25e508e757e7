import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.contracts.described import descriptions
from services.kit.kafka_settings import KafkaSettings
from services.kit.producer import producer
from services.kit.settings import ServiceSettings
from services.kit.stream_settings import StreamSettings
from tests.certificates import authority


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "OCTROI_INSTANCE", "OCTROI_PROBE_PORT", "OCTROI_LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)


def test_every_setting_has_a_default_and_a_sentence() -> None:
    for settings in (ServiceSettings, KafkaSettings, StreamSettings):
        settings()
        said = descriptions(settings)
        assert [name for name in settings.model_fields if not said.get(name)] == []


@pytest.mark.parametrize(
    ("variable", "value", "settings", "field", "expected"),
    [
        (
            "KAFKA_BOOTSTRAP_SERVERS",
            "one:9092,two:9092",
            KafkaSettings,
            "bootstrap_servers",
            "one:9092,two:9092",
        ),
        ("OCTROI_INSTANCE", "2", ServiceSettings, "instance", "2"),
        ("OCTROI_PROBE_PORT", "8001", ServiceSettings, "probe_port", 8001),
        ("OCTROI_LOG_FORMAT", "json", ServiceSettings, "log_format", "json"),
        ("OCTROI_GRACE", "2.5", ServiceSettings, "grace", timedelta(seconds=2.5)),
        ("OCTROI_STREAM_BATCH_RECORDS", "500", StreamSettings, "batch_records", 500),
        ("OCTROI_STREAM_GATHER", "0.005", StreamSettings, "gather", timedelta(milliseconds=5)),
        ("OCTROI_STREAM_STUCK_AFTER", "PT1M", StreamSettings, "stuck_after", timedelta(minutes=1)),
        ("OCTROI_STREAM_HOLD", "00:00:02", StreamSettings, "hold", timedelta(seconds=2)),
        ("OCTROI_STREAM_DEAD_LETTERS_ALLOWED", "9", StreamSettings, "dead_letters_allowed", 9),
    ],
)
def test_each_is_an_environment_variable(  # noqa: PLR0917  # a row of the table
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    settings: type[KafkaSettings | ServiceSettings | StreamSettings],
    field: str,
    expected: object,
) -> None:
    monkeypatch.setenv(variable, value)
    assert getattr(settings(), field) == expected


@pytest.mark.parametrize(
    ("variable", "value", "settings"),
    [
        ("OCTROI_PROBE_PORT", "80000", ServiceSettings),
        ("OCTROI_LOG_FORMAT", "xml", ServiceSettings),
        ("OCTROI_STREAM_BATCH_RECORDS", "0", StreamSettings),
        ("OCTROI_STREAM_HOLD", "a while", StreamSettings),
    ],
)
def test_a_wrong_one_is_named(
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    settings: type[ServiceSettings | StreamSettings],
) -> None:
    monkeypatch.setenv(variable, value)
    field = variable.rpartition("STREAM_")[2].removeprefix("OCTROI_").lower()
    with pytest.raises(ValidationError, match=field):
        settings()


@pytest.mark.parametrize(
    ("name", "seconds", "variable"),
    [("gather", 30, "GATHER"), ("gather_few", 30, "GATHER_FEW"), ("stuck_after", 0.1, "GATHER")],
)
def test_what_gathers_must_not_count_as_stuck(name: str, seconds: float, variable: str) -> None:
    with pytest.raises(ValidationError, match=rf"stuck_after\n.*longer than OCTROI_STREAM_{variable},"):
        StreamSettings.model_validate({name: seconds})


async def test_a_secured_cluster_is_connected_to_by_settings_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trusted = tmp_path / "trusted.pem"
    trusted.write_text("no certificate")
    for name, value in {
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_MECHANISM": "SCRAM-SHA-512",
        "SASL_USERNAME": "octroi",
        "SASL_PASSWORD": "a secret",
    }.items():
        monkeypatch.setenv(f"KAFKA_{name}", value)
    settings = KafkaSettings()
    assert "a secret" not in repr(settings)
    given = settings.client()
    assert given["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert (given["sasl_plain_username"], given["sasl_plain_password"]) == ("octroi", "a secret")
    await producer(settings, StreamSettings()).stop()
    monkeypatch.setenv("KAFKA_SSL_CA_FILE", str(trusted))
    with pytest.raises(ValidationError, match=r"ssl_ca_file\n.*must be a file in PEM"):
        KafkaSettings()


SASL = {"security_protocol": "SASL_SSL", "sasl_username": "octroi-ledger"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"security_protocol": "SASL_SSL"}, r"sasl_username\n.*is not set"),
        (SASL, r"sasl_password\n.*is not set, nor is KAFKA_SASL_PASSWORD_FILE"),
        ({**SASL, "sasl_password": ""}, r"sasl_password\n.*is not set"),
        ({**SASL, "sasl_password": "a", "sasl_password_file": __file__}, r"sasl_password\n.*set one of them"),
        ({**SASL, "sasl_password_file": "/nowhere"}, "sasl_password_file"),
        ({"security_protocol": "SSL", "ssl_key_file": __file__}, r"ssl_certificate_file\n.*both or neither"),
        (
            {"security_protocol": "SSL", "ssl_key_file": __file__, "ssl_certificate_file": __file__},
            r"ssl_certificate_file\n.*must be a file in PEM",
        ),
    ],
)
def test_half_a_login_is_told_by_the_name_of_what_is_missing(given: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as error:
        KafkaSettings.model_validate(given)
    assert "input_value" not in str(error.value)


def test_a_password_may_be_in_a_file_and_a_certificate_with_its_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("a secret\n")
    certificate, key = authority().written(tmp_path, "octroi-ledger")
    for name, value in {
        "SECURITY_PROTOCOL": "SASL_SSL",
        "SASL_USERNAME": "octroi-ledger",
        # As a compose file passes on what is not set.
        "SASL_PASSWORD": "",
        "SASL_PASSWORD_FILE": str(tmp_path / "password"),
        "SSL_CERTIFICATE_FILE": str(certificate),
        "SSL_KEY_FILE": str(key),
    }.items():
        monkeypatch.setenv(f"KAFKA_{name}", value)
    settings = KafkaSettings()
    assert "a secret" not in repr(settings)
    given = settings.client()
    assert given["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert (given["sasl_plain_username"], given["sasl_plain_password"]) == ("octroi-ledger", "a secret")
