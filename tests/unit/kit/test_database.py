import pytest
from pydantic import ValidationError

from services.kit.database_settings import DatabaseSettings


@pytest.mark.parametrize(
    "url",
    [
        "postgres//octroi:hunter2@host/octroi",
        "postgresql://octroi:hunter2@host:a/b",
        "postgresql://octroi:hunter2%off@host/octroi",
    ],
)
def test_a_wrong_url_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(ValidationError, match="must be postgresql://user:password@host") as refused:
        DatabaseSettings()
    assert "hunter2" not in str(refused.value)


def test_a_url_as_platforms_write_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://octroi:postgres@host:5432/octroi")
    assert DatabaseSettings().url.get_secret_value() == "postgresql://octroi:postgres@host:5432/octroi"


def test_a_url_that_names_sqlalchemys_driver_is_read_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://octroi:postgres@host:5432/octroi")
    assert DatabaseSettings().url.get_secret_value() == "postgresql://octroi:postgres@host:5432/octroi"
