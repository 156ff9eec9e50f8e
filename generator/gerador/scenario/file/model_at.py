"""Which model stands at a place where pydantic found a fault."""

from __future__ import annotations

from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gerador.scenario.file.text import Path


def model_at(loc: Path, model: type[BaseModel]) -> type[BaseModel] | None:
    """Return the model at a place of `model`; None where there is none, or one of several."""
    at: Any = model
    for step in loc:
        at = _step(at, step)
    found = [form for _, form in _forms(at) if _is_model(form)]
    return found[0] if len(found) == 1 else None


def words_of(model: type[BaseModel]) -> list[str]:
    """Return the words of a model as a file has them, its own before those of its bases."""
    fields = {name: f for name, f in model.model_fields.items() if name != "kind"}
    own = [name for name in fields if name in model.__annotations__]
    order = (*own, *(name for name in fields if name not in own))
    return [fields[name].alias or name for name in order]


def _step(annotation: Any, step: str | int) -> Any:
    """Return what an annotation has at a step: a member of a union, a field, or what is inside."""
    forms = list(_forms(annotation))
    if len(forms) > 1:
        for tag, form in forms:
            if tag == step:
                return form
    for _, form in forms:
        if _is_model(form):
            known = {f.alias or name: f.annotation for name, f in form.model_fields.items()}
            if step in known:
                return known[step]
        elif get_origin(form) in {dict, list, tuple}:
            inside = get_args(form)
            return inside[1] if get_origin(form) is dict else inside[0]
    return annotation


def _forms(annotation: Any, tag: str | None = None) -> Iterator[tuple[str | None, Any]]:
    """Yield the members of an annotation, each with what names it in a union."""
    if get_origin(annotation) is Annotated:
        inner, *said = get_args(annotation)
        tags = [t.tag for t in said if isinstance(t, Tag)]
        yield from _forms(inner, tags[0] if tags else tag)
    elif get_origin(annotation) in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _forms(member)
    elif annotation is not type(None):
        kind = annotation.model_fields.get("kind") if _is_model(annotation) else None
        yield tag or (kind.default if kind is not None else None), annotation


def _is_model(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, BaseModel)
