"""What is known of a case's data: label, kind, options and columns of each variable, from model, forms and objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.model import Process
from forms.definition import Form, FormField, Kind
from processes.english import shipped

Options = Mapping[str, Text]
_PLAIN = ("", "text", "list", "context", "number")
_COLUMNS = {
    "label": Text("项目", "Item"),
    "working": Text("算式", "Working"),
    "amount": Text("金额", "Amount"),
    "reason": Text("依据", "Reason"),
    "name": Text("名称", "Name"),
    "due_on": Text("日期", "Date"),
}


@dataclass(frozen=True)
class Word:
    """One variable. ``kind``: a type of ``school:variable`` or a kind of form field; ``object``: what it points to;
    ``columns``: of the entries of a list or context; ``is_open``: declared, and for everybody's eyes."""

    label: Text
    kind: str = "text"
    object: str = ""
    options: Options = field(default_factory=dict)
    columns: Mapping[str, "Word"] = field(default_factory=dict)
    is_open: bool = False


UNKNOWN_COLUMNS: Mapping[str, Word] = {
    key: Word(label, "money" if key == "amount" else "text") for key, label in _COLUMNS.items()
}


def words_of(
    process: Process, forms: Iterable[Form], definition: ObjectDefinition | None, decisions: Iterable[str]
) -> dict[str, Word]:
    """By variable name: what the model declares, completed by the forms that ask for it and the record's fields.

    ``decisions``: the folder's decision tables as XML, for the names of what they yield.
    """
    known_elsewhere = {one.key: _of_object(one) for one in definition.fields} if definition else {}
    known_elsewhere |= {one.name: _of_form(one) for form in forms for one in form.fields.values()}
    found: dict[str, Word] = {}
    for variable in process.extension.variables if process.extension else ():
        known = known_elsewhere.get(variable.name)
        kind, _, target = variable.type.partition(":")
        said = variable.label or variable.name
        label = Text(said, known.label.en if known else shipped().name(said))
        base = known or Word(label)
        if kind not in _PLAIN or known is None:
            base = replace(base, kind=kind or "text", object=target)
        options = {one.value: Text(one.zh, one.en or one.zh) for one in variable.options} or base.options
        found[variable.name] = replace(base, label=label, options=options, is_open=variable.access != "operators")
    return found | _decided(process, found, decisions) | {k: v for k, v in known_elsewhere.items() if k not in found}


def option_words(definition: ObjectDefinition | None) -> Options:
    """Labels of the options of a record's fields, by key; a key that two fields use differently is left out."""
    found: dict[str, Text] = {}
    unsure: set[str] = set()
    for one in definition.fields if definition else ():
        for option in one.options:
            if found.setdefault(option.key, option.label) != option.label:
                unsure.add(option.key)
    return {key: label for key, label in found.items() if key not in unsure}


def _of_object(one: FieldDefinition) -> Word:
    kind = "record" if one.type == "link" else one.type
    return Word(one.label, kind, one.target or "", {option.key: option.label for option in one.options})


def _of_form(one: FormField) -> Word:
    kind = "text" if one.kind in (Kind.EMAIL, Kind.PHONE) else str(one.kind)
    options = {option.value: option.label for option in one.options}
    return Word(one.label, kind, one.object or "", options, {column.name: _of_form(column) for column in one.columns})


def _decided(process: Process, found: Mapping[str, Word], decisions: Iterable[str]) -> dict[str, Word]:
    """Variables that hold what a decision table yields, with the table's own labels."""
    outputs = _outputs(decisions)
    made: dict[str, Word] = {}
    for node in process.nodes.values():
        if node.decision is not None and node.decision.result and node.decision.ref in outputs:
            name = node.decision.result
            base = found.get(name) or Word(Text(name, name))
            made[name] = replace(base, kind="context", columns=outputs[node.decision.ref])
    return made


def _outputs(decisions: Iterable[str]) -> dict[str, dict[str, Word]]:
    found: dict[str, dict[str, Word]] = {}
    for source in decisions:
        for decision in xml.parse(source).iter("{*}decision"):
            columns = found.setdefault(str(decision.get("id")), {})
            for output in decision.iter("{*}output"):
                name, label = str(output.get("name")), output.get("label") or output.get("name") or ""
                columns[name] = Word(Text(label, label))
    return found
