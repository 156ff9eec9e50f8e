"""A schema registry in one file, for the stand-in: Confluent's interface, no compatibility rules.

Source of paths and codes: the Confluent Schema Registry API reference. Schemas survive a kill, as
they do in Redpanda. Standard library only.
"""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

lock = threading.Lock()


def serve_registry(port: int, file: Path) -> None:
    """Serve on `port` forever; several ports may share one `file`."""

    class Handler(_Handler):
        kept = file

    ThreadingHTTPServer(("", port), Handler).serve_forever()


class _Handler(BaseHTTPRequestHandler):
    kept: Path

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        rows = self._rows()
        if path == "/subjects":
            self._say(200, sorted({subject for subject, _ in rows}))
        elif found := re.fullmatch(r"/schemas/ids/(\d+)", path):
            self._say_schema(rows, int(found[1]))
        else:
            self._say(404, {"error_code": 404, "message": "HTTP 404 Not Found"})

    def do_POST(self) -> None:
        path = unquote(urlsplit(self.path).path)
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["schema"]
        found = re.fullmatch(r"/subjects/([^/]+)(/versions)?", path)
        if found is None:
            self._say(404, {"error_code": 404, "message": "HTTP 404 Not Found"})
        elif found[2]:
            self._say(200, {"id": self._registered(found[1], text)})
        else:
            self._look_up(found[1], text)

    def _say_schema(self, rows: list[list[str]], number: int) -> None:
        if 0 < number <= len(rows):
            self._say(200, {"schema": rows[number - 1][1]})
        else:
            self._say(404, {"error_code": 40403, "message": "Schema not found"})

    def _look_up(self, subject: str, text: str) -> None:
        rows = self._rows()
        if [subject, text] in rows:
            number = rows.index([subject, text]) + 1
            self._say(200, {"subject": subject, "version": 1, "id": number, "schema": text})
        elif any(row[0] == subject for row in rows):
            self._say(404, {"error_code": 40403, "message": "Schema not found"})
        else:
            self._say(404, {"error_code": 40401, "message": f"Subject '{subject}' not found."})

    def _registered(self, subject: str, text: str) -> int:
        with lock:
            rows = self._rows()
            if [subject, text] not in rows:
                rows.append([subject, text])
                self.kept.write_text(json.dumps(rows))
            return rows.index([subject, text]) + 1

    def _rows(self) -> list[list[str]]:
        return json.loads(self.kept.read_text()) if self.kept.exists() else []

    def _say(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, form: str, *arguments: object) -> None:
        print("registry:", form % arguments, flush=True)  # noqa: T201 - a container's log
