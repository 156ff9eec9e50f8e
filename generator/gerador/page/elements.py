"""HTML elements made with NiceGUI: containers, text, buttons, forms, inputs, dropdowns."""

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
    """Return an element to put others in."""
    return ui.element(tag).classes(classes)


def text_element(tag: str, said: str = "", classes: str = "") -> TextElement:
    """Return an element that holds text; `set_text` changes it."""
    return TextElement(tag=tag, text=said).classes(classes)


def set_attribute(element: Element, name: str, value: str | bool) -> None:
    """Set an HTML attribute as it is, without NiceGUI's own syntax for several."""
    if element.props.get(name) != value:
        element.props[name] = value
        element.update()


def button(said: str, pressed: Callable[[], None] | None = None, classes: str = "") -> TextElement:
    """Return a button that does `pressed` here (None: what the browser is told to do)."""
    made = text_element("button", said, classes)
    set_attribute(made, "type", "button")
    if pressed is not None:
        made.on("click", pressed, args=[])
    return made


def form(names: tuple[str, ...], sent: Callable[..., None], classes: str = "") -> Element:
    """Return a form that tells `sent` what its fields called `names` hold, by Enter or button."""
    made = container("form", classes)
    set_attribute(made, "autocomplete", "off")
    fields = json.dumps(names)
    read = f"(event) => emit({fields}.map((name) => new FormData(event.target).get(name)))"
    made.on("submit.prevent", lambda event: sent(*_event_texts(event, len(names))), js_handler=read)
    return made


def input_field(
    name: str,
    label: str,
    hint: str,
    characters_max: int,
    *,
    kind: str = "text",
    required: bool = True,
) -> Element:
    """Return a labelled field of one line, which the browser neither keeps nor corrects."""
    with container("label"):
        text_element("span", label)
        made = container("input")
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
            set_attribute(made, attr, value)
    return made


def dropdown(
    label: str, options: dict[str, str], chosen: str, on_change: Callable[[str], None] | str
) -> Element:
    """Return a select with a name for those who do not see it.

    `on_change` is told the chosen key; text is JavaScript that is run in the browser instead.
    """
    select = container("select", "chooser")
    set_attribute(select, "aria-label", label)
    with select:
        for key, said in options.items():
            option = text_element("option", said)
            set_attribute(option, "value", key)
            if key == chosen:
                set_attribute(option, "selected", value=True)
    if isinstance(on_change, str):
        select.on("change", js_handler=on_change)
    else:
        told = on_change
        select.on(
            "change",
            lambda event: told(_event_text(event)),
            js_handler="(event) => emit(event.target.value)",
        )
    return select


def _event_texts(event: GenericEventArguments, count: int) -> list[str]:
    """Return so many texts of an event, whatever a browser sent."""
    given = event.args if isinstance(event.args, list) else []
    texts = [one if isinstance(one, str) else "" for one in given[:count]]
    return texts + [""] * (count - len(texts))


def _event_text(event: GenericEventArguments) -> str:
    """Return the one argument of an event as text, whatever a browser sent."""
    return event.args if isinstance(event.args, str) else ""
