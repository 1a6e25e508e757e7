"""Streamlit's command line: where it listens, and how the pages look."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from services.ui import palette
from services.ui.settings import UiSettings

APPLICATION: Final = Path(__file__).with_name("app.py")
SERVED: Final = Path(__file__).with_name("served.py")
LARGEST_UPLOAD: Final = 200
"""Megabytes; the gateway takes no more either."""
BEHAVIOUR: Final[Mapping[str, object]] = MappingProxyType(
    {
        "server.headless": True,
        "server.fileWatcherType": "none",
        "server.maxUploadSize": LARGEST_UPLOAD,
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "runner.magicEnabled": False,
    }
)
LOOK: Final[Mapping[str, object]] = MappingProxyType(
    {
        "theme.base": "light",
        "theme.primaryColor": palette.PRIMARY,
        "theme.backgroundColor": palette.PAPER,
        "theme.secondaryBackgroundColor": palette.PANEL,
        "theme.textColor": palette.INK,
        "theme.linkColor": palette.PRIMARY,
        "theme.borderColor": palette.LINE,
        "theme.dataframeBorderColor": palette.LINE,
        "theme.dataframeHeaderBackgroundColor": palette.SHADE,
        "theme.showWidgetBorder": True,
        "theme.baseRadius": "8px",
        "theme.buttonRadius": "8px",
        "theme.baseFontSize": 15,
        "theme.font": "sans-serif",
        "theme.headingFont": "serif",
        "theme.headingFontSizes": ["2rem", "1.3rem", "1.05rem"],
        "theme.headingFontWeights": [600, 600, 600],
        "theme.chartCategoricalColors": [palette.APPROVED, palette.REFUSED, palette.REVIEW],
        "theme.sidebar.backgroundColor": palette.NIGHT,
        "theme.sidebar.secondaryBackgroundColor": palette.NIGHT_RAISED,
        "theme.sidebar.textColor": palette.ON_NIGHT,
        "theme.sidebar.primaryColor": palette.GOLD,
        "theme.sidebar.linkColor": palette.ON_NIGHT,
        "theme.sidebar.borderColor": palette.NIGHT_LINE,
    }
)


def command(settings: UiSettings) -> tuple[str, ...]:
    """Return the command line that serves the pages."""
    where = {"server.address": settings.host, "server.port": settings.port}
    options = {**where, **BEHAVIOUR, **LOOK}
    flags = (f"--{name}={_written(value)}" for name, value in options.items())
    # A list by one flag for each: Streamlit takes JSON for its theme alone.
    hosts = (f"--server.allowedHosts={name}" for name in settings.hosts)
    return (sys.executable, "-m", "streamlit", "run", str(SERVED), *flags, *hosts)


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
