"""What people call forms, read from their files."""

from collections.abc import Mapping

from forms.definition import FormDefinitionError
from forms.loader import load_form
from webapp.i18n import locale


def titles(files: Mapping[str, str]) -> dict[str, str]:
    """What people call the forms in these files, by key; files that are no forms are passed over."""
    found = {}
    for name, content in files.items():
        if name.endswith(".json"):
            try:
                form = load_form(content, name)
            except FormDefinitionError:
                continue
            found[form.key] = form.title.in_locale(locale())
    return found
