"""An error as a card, for callers who show one without raising it."""

from collections.abc import Mapping

from flexsso_helpers.views import text_face
from flexsso_helpers.views.shown import Shown
from flexsso_helpers.views.style import escape, page


def error_card(parts: Mapping[str, str], title: str) -> Shown:
    """The named sentences of an error (`FlexSSOError.parts`) under its title, in their order."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in parts.items())
    lines = [text_face.paragraph(f"✗ {title}")]
    if parts:
        lines.append(text_face.columns(("", ""), [(f"{name}:", text) for name, text in parts.items()]))
    return Shown(
        html=page(f'<div class="fx-error" role="alert"><b>✗ {escape(title)}</b><dl>{rows}</dl></div>'),
        text="\n".join(lines),
    )
