"""Where the files are that the contracts' tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT / "docs" / "contracts"
GOLDEN = Path(__file__).parent / "golden"
