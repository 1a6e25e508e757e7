from pathlib import Path

import pytest

from tests.integration.security.conftest import run
from tests.secured import ADMINISTRATOR, SecuredKafka

pytestmark = [pytest.mark.kafka]
NOWHERE = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
    "MLFLOW_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
}


def test_a_wrong_password_ends_a_backup_with_a_sentence_that_names_it(
    kafka: SecuredKafka, tmp_path: Path
) -> None:
    wrong = {**NOWHERE, "MLFLOW_ARTIFACTS": str(tmp_path), "KAFKA_SASL_PASSWORD": "a guess"}
    refused = run(kafka, ADMINISTRATOR, "infra.backup", "save", str(tmp_path / "backup"), **wrong)
    assert refused.returncode == 2
    told = f"KAFKA_SASL_PASSWORD: Kafka at {kafka.bootstrap()} refuses the login of {ADMINISTRATOR} by SCRAM"
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
    assert "is it up?" not in refused.stderr
    assert "a guess" not in refused.stderr
