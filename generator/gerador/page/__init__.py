"""The web page at `/`: status, charts and controls. Only modules that are imported on the first request of a browser import NiceGUI."""

from __future__ import annotations

from typing import Final

PAGE_PREFIX: Final = "/page"
"""Where the page's own files and its websocket are; everything else is the API's."""
