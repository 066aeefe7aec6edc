"""Differences between two form files: questions that came, went or changed."""

from collections.abc import Iterator

from engine.kernel.text import Text
from forms.definition import Form, FormDefinitionError, FormField
from forms.loader import load_form
from webapp.screens.studio.changes.change import Change, Facts, differences

_LABELS = {
    "label": Text("名称", "Label"),
    "widget": Text("控件", "Widget"),
    "required": Text("必填", "Required"),
    "read_only": Text("只读", "Read only"),
    "options": Text("选项", "Options"),
    "binding": Text("对应字段", "Bound field"),
    "checks": Text("校验", "Checks"),
    "help": Text("提示", "Help"),
}


def compare_forms(file: str, before: str, after: str) -> Iterator[Change]:
    """Field by field; a file that cannot be read is told as changed."""
    old, new = _form(file, before), _form(file, after)
    if old is None or new is None:
        yield Change(file, "", "changed", Text(f"表单 {file}", f"Form {file}"))
        return
    for name, field in old.fields.items():
        if name not in new.fields:
            yield Change(file, name, "removed", _what(new, field))
    for name, field in new.fields.items():
        if name not in old.fields:
            yield Change(file, name, "added", _what(new, field))
            continue
        details = tuple(differences(_facts(old.fields[name]), _facts(field)))
        if details:
            yield Change(file, name, "changed", _what(new, field), details)
    yield from _whole(file, old, new)


def _whole(file: str, old: Form, new: Form) -> Iterator[Change]:
    kept = [name for name in new.fields if name in old.fields]
    details: list[Text] = []
    if old.title != new.title:
        details.append(Text(f"标题：{old.title.zh} → {new.title.zh}", f"Title: {old.title.en} → {new.title.en}"))
    if kept != [name for name in old.fields if name in new.fields]:
        details.append(Text("字段的先后次序变了", "The order of the fields changed"))
    if [(rule.field, rule.kind, rule.text) for rule in old.rules] != [(r.field, r.kind, r.text) for r in new.rules]:
        details.append(Text("显示和校验规则变了", "Its rules changed"))
    if details:
        yield Change(file, "", "changed", Text(f"表单“{new.title.zh}”", f"Form “{new.title.en}”"), tuple(details))


def _form(file: str, content: str) -> Form | None:
    try:
        return load_form(content, file)
    except FormDefinitionError:
        return None


def _what(form: Form, field: FormField) -> Text:
    return Text(f"表单“{form.title.zh}”的“{field.label.zh}”", f"“{field.label.en}” of the form “{form.title.en}”")


def _facts(field: FormField) -> Facts:
    values = {
        "label": field.label.zh,
        "widget": field.widget,
        "required": "✓" if field.required else "",
        "read_only": "✓" if field.read_only else "",
        "options": "、".join(option.label.zh for option in field.options),
        "binding": field.binding or "",
        "checks": "，".join(
            f"{key} {value}" for key, value in field.schema.items() if key not in {"type", "format", "enum", "items"}
        ),
        "help": field.help.zh if field.help else "",
    }
    return {key: (_LABELS[key], value) for key, value in values.items()}
