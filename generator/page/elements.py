"""Plain HTML elements by way of NiceGUI: a tag, its classes, its text. No Quasar widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

if TYPE_CHECKING:
    from collections.abc import Callable

    from nicegui.element import Element
    from nicegui.events import GenericEventArguments


def box(tag: str = "div", classes: str = "") -> Element:
    """Return an element to put others in."""
    return ui.element(tag).classes(classes)


def words(tag: str, said: str = "", classes: str = "") -> TextElement:
    """Return an element that holds text; `set_text` changes it."""
    return TextElement(tag=tag, text=said).classes(classes)


def attribute(element: Element, name: str, value: str | bool) -> None:
    """Set an HTML attribute as it is, without NiceGUI's own syntax for several."""
    if element.props.get(name) != value:
        element.props[name] = value
        element.update()


def button(said: str, pressed: Callable[[], None] | None = None, classes: str = "") -> TextElement:
    """Return a button that does `pressed` here (None: what the browser is told to do)."""
    made = words("button", said, classes)
    attribute(made, "type", "button")
    if pressed is not None:
        made.on("click", pressed, args=[])
    return made


def one_field_form(field: str, sent: Callable[[str], None], classes: str = "") -> Element:
    """Return a form that tells `sent` what its field called `field` holds, by Enter or button."""
    form = box("form", classes)
    attribute(form, "autocomplete", "off")
    read = f"(event) => emit(new FormData(event.target).get('{field}'))"
    form.on("submit.prevent", lambda event: sent(_text_of(event)), js_handler=read)
    return form


def chooser(
    label: str, options: dict[str, str], chosen: str, on_change: Callable[[str], None] | str
) -> Element:
    """Return a select with a name for those who do not see it.

    `on_change` is told the chosen key; text is JavaScript that is run in the browser instead.
    """
    select = box("select", "chooser")
    attribute(select, "aria-label", label)
    with select:
        for key, said in options.items():
            option = words("option", said)
            attribute(option, "value", key)
            if key == chosen:
                attribute(option, "selected", value=True)
    if isinstance(on_change, str):
        select.on("change", js_handler=on_change)
    else:
        told = on_change
        select.on(
            "change",
            lambda event: told(_text_of(event)),
            js_handler="(event) => emit(event.target.value)",
        )
    return select


def _text_of(event: GenericEventArguments) -> str:
    """Return the one argument of an event as text, whatever a browser sent."""
    return event.args if isinstance(event.args, str) else ""
