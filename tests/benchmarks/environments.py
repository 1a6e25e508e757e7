"""The contestants' environments, which `make bench-environments` makes."""

from dataclasses import dataclass
from pathlib import Path

from infra.local.settings import LocalSettings

PINS = Path(__file__).with_name("contestants")
SHOWN = (
    "fastapi",
    "mlflow",
    "mlserver",
    "mlserver-mlflow",
    "mlserver-xgboost",
    "shap",
    "uvicorn",
    "xgboost-cpu",
)


@dataclass(frozen=True, slots=True)
class Environment:
    """What one or more contestants have installed."""

    name: str

    @property
    def folder(self) -> Path:
        """Where it is, if it was made."""
        return LocalSettings().state_folder / "contestants" / self.name

    @property
    def lacks(self) -> str:
        """Why it cannot be used; nothing where it can."""
        if (self.folder / ".ready").exists():
            return ""
        return f"its environment {self.name} is not made; make bench-environments makes it"

    def program(self, name: str) -> str:
        """Return the path of a program of it."""
        return str(self.folder / "bin" / name)

    def versions(self) -> dict[str, str]:
        """Return the libraries that matter, as they are pinned."""
        lines = (PINS / f"{self.name}.txt").read_text(encoding="utf-8").splitlines()
        pins = dict(line.split("==", 1) for line in lines if "==" in line and not line.startswith("#"))
        return {name: pins[name] for name in SHOWN if name in pins}


FASTAPI = Environment("fastapi")
MLSERVER = Environment("mlserver")
SHAP = Environment("shap")
ENVIRONMENTS = (FASTAPI, MLSERVER, SHAP)
