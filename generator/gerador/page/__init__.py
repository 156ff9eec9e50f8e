"""The web page at `/`: status, charts and controls.

NiceGUI is imported when a browser requests the page or a second after startup.
"""

from __future__ import annotations

from typing import Final

PAGE_PREFIX: Final = "/page"
"""Path of the static files and the websocket of the page; all other paths belong to the API."""
