"""The model pages and API show."""

from decimal import Decimal

from engine.kernel.text import Text
from forms.access import Access, form_access, full_access
from forms.definition import Form
from forms.environment import FormEnv
from forms.html import parse_html
from forms.render import FieldModel, FormModel, render_model
from forms.schema import json_schema
from forms.validation import validate


class Posted(dict[str, list[str]]):
    """A multi-dict as werkzeug has it."""

    def getlist(self, key: str) -> list[str]:
        return self.get(key, [])


def fields_of(model: FormModel) -> dict[str, FieldModel]:
    return {item.name: item for item in model.fields()}


def test_render_shows_values_options_and_live_fields(refund: Form, env: FormEnv) -> None:
    model = render_model(refund, {"amount": Decimal("5"), "way": "bank"}, full_access(refund), "zh", env)
    shown = fields_of(model)
    assert model.title == "退费申请"
    assert shown["amount"].text == "5.00"
    assert [(option.label, option.selected) for option in shown["way"].options] == [("现金", False), ("转账", True)]
    assert shown["account"].required
    assert shown["way"].live
    assert not shown["account"].live


def test_render_leaves_out_what_is_hidden(refund: Form, env: FormEnv) -> None:
    access = form_access(refund, {"reason": Access.HIDDEN}, {"contract.net_amount": Access.MASKED})
    shown = fields_of(render_model(refund, {"way": "cash"}, access, "en", env))
    assert sorted(shown) == ["amount", "lines", "way"]
    assert shown["amount"].masked
    assert shown["amount"].read_only
    assert not shown["amount"].required


def test_render_gives_table_cells_the_names_parse_html_reads(refund: Form, env: FormEnv) -> None:
    values = {"lines": [{"hours": Decimal("1.50"), "paid": True}]}
    table = fields_of(render_model(refund, values, full_access(refund), "zh", env))["lines"]
    assert [cell.name for cell in table.rows[0]] == ["lines-0-hours", "lines-0-paid"]
    assert [cell.name for cell in table.columns] == ["lines-#-hours", "lines-#-paid"]
    assert table.rows[0][0].text == "1.5"
    posted = Posted(
        {"lines-0-hours": ["1.5"], "lines-0-paid": ["on"], "lines-7-hours": [""], "csrf_token": ["t"], "way": ["cash"]}
    )
    assert parse_html(refund, posted) == {"way": "cash", "lines": [{"hours": "1.5", "paid": True}]}


def test_parse_html_reads_emptied_tables(refund: Form) -> None:
    assert parse_html(refund, Posted({"_present": ["lines"]})) == {"lines": []}


def test_render_puts_errors_beside_fields(refund: Form, env: FormEnv) -> None:
    submitted = {"amount": "x", "way": "cash", "lines": [{"hours": "0"}], "ghost": "1"}
    _, errors = validate(refund, submitted, full_access(refund), env)
    model = render_model(refund, submitted, full_access(refund), "en", env, errors=errors)
    shown = fields_of(model)
    assert shown["amount"].error == "Expected an amount with at most two decimals"
    assert shown["amount"].text == "x"
    assert shown["lines"].rows[0][0].error == "Not below 0.5"
    assert model.errors == ("The form has no such field",)


def test_to_json_writes_decimals_as_text(refund: Form, env: FormEnv) -> None:
    body = render_model(refund, {"amount": Decimal("5.00")}, full_access(refund), "en", env).to_json()
    assert body["sections"][0]["fields"][0]["value"] == "5.00"


def test_json_schema_shows_only_what_the_actor_sees(refund: Form) -> None:
    access = form_access(refund, {"reason": Access.HIDDEN}, {"contract.net_amount": Access.READ})
    schema = json_schema(refund, access, "zh")
    assert "reason" not in schema["properties"]
    assert schema["properties"]["amount"]["readOnly"]
    assert schema["required"] == ["way"]
    assert schema["properties"]["way"]["x-options"] == [
        {"value": "cash", "label": "现金"},
        {"value": "bank", "label": "转账"},
    ]


def test_access_takes_the_lesser_of_task_and_record(refund: Form) -> None:
    levels = form_access(
        refund, {"amount": Access.REQUIRED, "way": Access.READ}, {"contract.net_amount": Access.WRITE}
    ).levels
    assert levels["amount"] is Access.REQUIRED
    assert levels["way"] is Access.READ
    assert form_access(refund, {"amount": Access.REQUIRED}, {}).levels["amount"] is Access.HIDDEN


def test_text_messages_are_in_both_languages(refund: Form, env: FormEnv) -> None:
    _, errors = validate(refund, {}, full_access(refund), env)
    assert errors["amount"] == Text("请填写此项", "Please fill this in")
