from pathlib import Path

import pytest

from services.kit.database_settings import DatabaseSettings
from services.kit.environment import SettingsError, exit_code_of, read
from services.kit.errors import TooManyDeadLettersError
from services.kit.registered_model import RegisteredModel
from services.kit.service import StreamService
from services.kit.settings import ServiceSettings
from services.kit.stream_settings import StreamSettings
from tests.programs import python


def test_each_wrong_variable_is_a_line_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTROI_STREAM_BATCH_RECORDS", "-17")
    monkeypatch.setenv("OCTROI_STREAM_DEAD_LETTER_WINDOW", "-18")
    with pytest.raises(SettingsError) as refused:
        read(StreamSettings)
    assert str(refused.value).splitlines() == [
        "OCTROI_STREAM_BATCH_RECORDS: Input should be greater than 0",
        "OCTROI_STREAM_DEAD_LETTER_WINDOW: Input should be greater than 0",
    ]
    assert refused.value.__context__ is None


def test_a_missing_variable_and_one_with_a_name_of_its_own_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(SettingsError, match=r"^DATABASE_URL: Field required$"):
        read(DatabaseSettings)
    monkeypatch.setenv("OCTROI_MODEL_NAME", "../elsewhere")
    with pytest.raises(SettingsError, match=r"^OCTROI_MODEL_NAME: ") as refused:
        read(RegisteredModel)
    assert "elsewhere" not in str(refused.value)


def test_what_a_program_chooses_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCTROI_LOG_LEVEL", "DEBUG")
    assert read(ServiceSettings, log_level="ERROR").log_level == "ERROR"


def test_a_program_with_wrong_settings_ends_with_code_2_and_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def program() -> int:
        return len(StreamService("test", "dead-letters").name)

    assert exit_code_of(program) == 4
    monkeypatch.setenv("OCTROI_GRACE", "a while")
    assert exit_code_of(program) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("OCTROI_GRACE: ")
    assert said.err.count("\n") == 1


def test_a_program_that_cannot_go_on_ends_with_the_errors_code_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def program() -> int:
        raise TooManyDeadLettersError("801 of the last 1000 records were refused")

    assert exit_code_of(program) == TooManyDeadLettersError.exit_code
    assert capsys.readouterr() == ("", "801 of the last 1000 records were refused\n")


def test_monitoring_without_its_file_of_keys_ends_with_a_sentence(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    ended = python(
        *("-m", "services.monitoring"),
        OCTROI_API_KEYS_FILE=str(keys),
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing",
        MLFLOW_TRACKING_URI="http://127.0.0.1:1",
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{keys}: there is no such file; make the first key with: ")
    assert ended.stderr.count("\n") == 1
