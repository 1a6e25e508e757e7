from pathlib import Path

import pytest

from infra.local.configuration import program_configuration
from infra.local.errors import LauncherError
from infra.local.part import Program
from infra.local.services import Service
from services.kit.errors import TooManyDeadLettersError


def test_what_the_format_would_expand_is_escaped() -> None:
    program = Program("ledger", ("python", "-c", "print('50 %')"), {"DATABASE_URL": "postgresql://a:%40@b/c"})
    text = program_configuration(program, 3, Path("logs"))
    assert 'environment = DATABASE_URL="postgresql://a:%%40@b/c"\n' in text
    assert "50 %%" in text
    assert "priority = 3\n" in text


@pytest.mark.parametrize("value", ['say "yes"', "two\nlines"])
def test_an_environment_that_the_format_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(LauncherError, match="GREETING must not contain"):
        program_configuration(Program("ledger", ("python",), {"GREETING": value}), 0, Path("logs"))


def test_a_user_is_named_only_where_it_is_another() -> None:
    own = program_configuration(Program("feature", ("python",)), 0, Path("logs"))
    other = program_configuration(Program("postgres", ("postgres",), user="keeper"), 0, Path("logs"))
    assert "user = " not in own
    assert "user = keeper\n" in other


def test_only_a_service_may_end_on_purpose_and_stay_down() -> None:
    """Java ends with the same code when it has no memory left."""
    service = program_configuration(Service("feature", "services.feature", 1, {}).program(), 0, Path("logs"))
    broker = program_configuration(Program("kafka", ("java",)), 0, Path("logs"))
    assert f"exitcodes = {TooManyDeadLettersError.exit_code}\n" in service
    assert "exitcodes = \n" in broker
