"""Measures the latency of a URL from a separate process: `python -m … URL SECONDS`.

Imports only the standard library.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from urllib.parse import urlsplit

INTERVAL_S = 0.02
TIMEOUT_S = 10.0


def main(url: str, seconds: float) -> None:
    """Print the median and the 99th percentile of the response times, in milliseconds.

    Stops early when the server stops. Exits with an error without any response.
    """
    parts = urlsplit(url)
    times_ms: list[float] = []
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        began_s = time.perf_counter()
        try:
            connection.request("GET", parts.path)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            if times_ms:
                break
            sys.exit(f"no response from {url}: {error}")
        times_ms.append((time.perf_counter() - began_s) * 1000)
        time.sleep(INTERVAL_S)
    times_ms.sort()
    indices = {"p50_ms": len(times_ms) // 2, "p99_ms": len(times_ms) * 99 // 100}
    sys.stdout.write(json.dumps({name: round(times_ms[i], 3) for name, i in indices.items()}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
