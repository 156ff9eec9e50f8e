"""HTML elements created with NiceGUI: containers, text, buttons, forms, inputs, dropdowns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element
    from nicegui.events import GenericEventArguments


def container(tag: str = "div", classes: str = "") -> Element:
    """Return an element that contains others."""
    return ui.element(tag).classes(classes)


def text_element(tag: str, text: str = "", classes: str = "") -> TextElement:
    """Return an element with text, which `set_text` changes."""
    return TextElement(tag=tag, text=text).classes(classes)


def set_attribute(element: Element, name: str, value: str | bool) -> None:
    """Set one HTML attribute verbatim, without the syntax of NiceGUI's `props`."""
    if element.props.get(name) != value:
        element.props[name] = value
        element.update()


def button(text: str, on_click: Callable[[], None] | None = None, classes: str = "") -> TextElement:
    """Return a button; without `on_click` only the browser handles clicks."""
    element = text_element("button", text, classes)
    set_attribute(element, "type", "button")
    if on_click is not None:
        element.on("click", on_click, args=[])
    return element


def form(names: tuple[str, ...], on_submit: Callable[..., None], classes: str = "") -> Element:
    """Return a form that calls `on_submit` with the texts of the fields `names`."""
    element = container("form", classes)
    set_attribute(element, "autocomplete", "off")
    fields = json.dumps(names)
    read = f"(event) => emit({fields}.map((name) => new FormData(event.target).get(name)))"
    element.on(
        "submit.prevent", lambda event: on_submit(*_event_texts(event, len(names))), js_handler=read
    )
    return element


def input_field(
    name: str,
    label: str,
    hint: str,
    characters_max: int,
    *,
    kind: str = "text",
    required: bool = True,
) -> Element:
    """Return a labelled text field without autocompletion and spell checking."""
    with container("label"):
        text_element("span", label)
        element = container("input")
        attributes: dict[str, str | bool] = {
            "name": name,
            "type": kind,
            "placeholder": hint,
            "required": required,
            "maxlength": str(characters_max),
            "autocomplete": "off",
            "spellcheck": "false",
            "autocapitalize": "off",
        }
        for attr, value in attributes.items():
            set_attribute(element, attr, value)
    return element


def hidden_field(name: str) -> Element:
    """Return a field that is not shown, for a value that belongs to its form."""
    element = container("input")
    set_attribute(element, "type", "hidden")
    set_attribute(element, "name", name)
    return element


def dropdown(
    label: str, options: dict[str, str], chosen: str, on_change: Callable[[str], None] | str
) -> Element:
    """Return a select element; `label` is for screen readers.

    `on_change` is called with the selected key, or is a JavaScript handler for the browser.
    """
    select = container("select", "select")
    set_attribute(select, "aria-label", label)
    with select:
        for key, text in options.items():
            option = text_element("option", text)
            set_attribute(option, "value", key)
            if key == chosen:
                set_attribute(option, "selected", value=True)
    if isinstance(on_change, str):
        select.on("change", js_handler=on_change)
    else:
        callback = on_change
        select.on(
            "change",
            lambda event: callback(_event_text(event)),
            js_handler="(event) => emit(event.target.value)",
        )
    return select


def _event_texts(event: GenericEventArguments, count: int) -> list[str]:
    """Return `count` texts from an event; anything else the browser sent becomes empty."""
    values = event.args if isinstance(event.args, list) else []
    texts = [one if isinstance(one, str) else "" for one in values[:count]]
    return texts + [""] * (count - len(texts))


def _event_text(event: GenericEventArguments) -> str:
    """Return the argument of an event, or an empty text if the browser sent anything else."""
    return event.args if isinstance(event.args, str) else ""
