"""docs/flink.md: its answer key is the one that the rows give."""

from __future__ import annotations

import contextlib
import io
import re

from tests.docs.examples import page


def test_the_answer_that_flink_is_held_against_is_as_printed() -> None:
    """The Python example under "Verify the result" prints the output below it."""
    found = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page("flink.md"), re.DOTALL)
    assert found is not None
    code, printed = found.groups()
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "flink.md", "exec"), {})  # noqa: S102 - the page is ours
    assert out.getvalue() == printed
