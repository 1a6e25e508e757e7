"""Every program names the environment variable that is wrong, and ends with exit code 2."""

import pytest

from tests.programs import python

TOO_FEW = {"OCTROI_STREAM_BATCH_RECORDS": "0"}
NO_ADDRESS = {"MLFLOW_TRACKING_URI": "nowhere"}
PROGRAMS = [
    (("services.feature",), TOO_FEW),
    (("services.scoring",), TOO_FEW),
    (("services.ledger",), TOO_FEW),
    (("services.monitoring",), {"OCTROI_MONITORING_LAST": "0", "OCTROI_API_KEYS_FILE": "keys"}),
    (("services.gateway",), {"OCTROI_GATEWAY_PORT": "80000", "OCTROI_API_KEYS_FILE": "keys"}),
    (("services.single",), {"OCTROI_MODE": "double"}),
    (("services.scoring.export", "--out", "a"), NO_ADDRESS),
    (("services.ui",), {"OCTROI_UI_PORT": "0", "OCTROI_UI_API_KEY_FILE": __file__}),
    (("services.scoring.file", "--in", "a", "--out", "b"), NO_ADDRESS),
    (("services.replay", "--file", "a"), {"OCTROI_GRACE": "a while"}),
    (("services.replay.outcomes", "--file", "a"), {"OCTROI_GRACE": "a while"}),
    (("services.training", "--data", "a"), NO_ADDRESS),
    (("services.training.promote", "--rollback"), NO_ADDRESS),
    (("infra.kafka.topics",), {"OCTROI_TOPIC_PARTITIONS": "0"}),
    (("infra.kafka.access", "--grant"), {"KAFKA_SECURITY_PROTOCOL": "TLS"}),
    (("infra.local", "status"), {"OCTROI_LOG_FORMAT": "xml"}),
]


@pytest.mark.parametrize(("program", "wrong"), PROGRAMS, ids=[program[0] for program, _ in PROGRAMS])
def test_a_wrong_variable_is_named(program: tuple[str, ...], wrong: dict[str, str]) -> None:
    ended = python("-m", *program, **wrong)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{next(iter(wrong))}: ")
    assert ended.stderr.count("\n") == 1
