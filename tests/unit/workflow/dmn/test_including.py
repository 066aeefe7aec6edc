"""Imports without a name: what is imported counts as written in the importing file."""

from engine.feel.builtins.conversion import describe
from engine.workflow.dmn import DecisionModel, DmnError, load_files
from tests.unit.workflow.dmn.models import ENV, NAMESPACE, data, decision, definitions, text

NUMBER = '<itemDefinition name="tFee"><typeRef>number</typeRef></itemDefinition>'
STRING = '<itemDefinition name="tFee"><typeRef>string</typeRef></itemDefinition>'


def file(namespace: str, *parts: str, imports: tuple[str, ...] = ()) -> str:
    heads = "".join(f'<import name="" namespace="urn:{one}" importType="{NAMESPACE}"/>' for one in imports)
    return definitions(heads, *parts).decode().replace('namespace="urn:m"', f'namespace="urn:{namespace}"')


def model(name: str, **files: str) -> DecisionModel:
    found = load_files(files)[name]
    assert isinstance(found, DecisionModel)
    return found


def asked(one: DecisionModel, key: str, **inputs: object) -> str:
    assert one.findings == ()
    return describe(one.evaluate(key, inputs, ENV).value)


def test_part_of_the_importing_model_goes_before_an_imported_one_of_its_name_everywhere() -> None:
    by_id = decision("fee", text("base"), requires=("base",))
    lower = (by_id, decision("base", text("1")), decision("type", text('"x"'), type_ref="tFee"), NUMBER)
    own = (decision("total", text("fee * 10"), requires=("fee",)), decision("base", text("2")), STRING)
    assert asked(model("a", a=file("a", *own, imports=("b",)), b=file("b", *lower)), "total") == "20"
    assert asked(model("a", a=file("a", *own, imports=("b",)), b=file("b", *lower)), "type") == '"x"'
    qualified = by_id.replace('href="#base"', 'href="urn:b#base"')
    files = {"a": file("a", *own, imports=("b",)), "b": file("b", qualified, *lower[1:])}
    assert asked(model("a", **files), "total") == "20"
    assert asked(model("b", **files), "fee") == "1"


def test_earlier_import_goes_before_a_later_one_with_all_that_it_imports() -> None:
    use = decision("d", text("[x, y]"), requires=("x", "y"))
    files = {
        "a": file("a", use, imports=("b", "e")),
        "b": file("b", imports=("c",)),
        "c": file("c", decision("x", text('"c"'))),
        "e": file("e", decision("x", text('"e"')), decision("y", text('"e"'))),
    }
    assert asked(model("a", **files), "d") == '["c", "e"]'


def test_models_may_include_each_other_and_themselves() -> None:
    files = {
        "a": file("a", decision("d", text("x + 1"), requires=("x",)), imports=("b",)),
        "b": file("b", decision("y", text("x * 2"), requires=("x",)), imports=("c",)),
        "c": file("c", data("n"), decision("x", text("n"), requires=("i_n",)), imports=("b", "c")),
    }
    assert asked(model("a", **files), "d", n=3) == "4"
    assert asked(model("b", **files), "y", n=3) == "6"
    assert asked(model("c", **files), "y", n=3) == "6"


def test_imported_decisions_and_inputs_may_be_asked_of_the_importing_model() -> None:
    files = {"a": file("a", imports=("b",)), "b": file("b", data("n"), decision("x", text("n"), requires=("i_n",)))}
    assert model("a", **files).find("x").inputs == ("n",)
    assert asked(model("a", **files), "x", n=7) == "7"


def test_ids_that_files_share_are_told_apart() -> None:
    files = {
        "a": file(
            "a",
            decision("k", text("1"), name="own"),
            decision("d", text("[own, far]"), requires=("k",)).replace(
                "<literal",
                '<informationRequirement><requiredDecision href="urn:b#k"/></informationRequirement><literal',
            ),
            imports=("b",),
        ),
        "b": file("b", decision("k", text("2"), name="far"), decision("e", text("far"), requires=("k",))),
    }
    assert asked(model("a", **files), "d") == "[1, 2]"
    assert asked(model("a", **files), "e") == "2"


def test_imports_by_name_of_an_included_model_are_known() -> None:
    named = f'<import name="low" namespace="urn:c" importType="{NAMESPACE}"/>'
    requires = '<informationRequirement><requiredDecision href="urn:c#x"/></informationRequirement>'
    files = {
        "a": file("a", decision("d", text("y"), requires=("y",)), imports=("b",)),
        "b": file("b", named, decision("y", requires + text("low.x"))),
        "c": file("c", decision("x", text("5"))),
    }
    assert asked(model("a", **files), "d") == "5"


def test_findings_of_an_included_file_are_told_there_alone() -> None:
    files = {
        "a": file("a", decision("d", text("x"), requires=("x",)), imports=("b",)),
        "b": file("b", decision("x", text("1 +"))),
    }
    assert [one.rule for one in model("b", **files).findings] == ["dmn.expression"]
    assert asked(model("a", **files), "d") == "null"


def test_language_of_an_included_file_stays_its_own() -> None:
    other = '<literalExpression expressionLanguage="urn:js"'
    files = {
        "a": file("a", decision("d", text("[x, y]"), requires=("x", "y")), imports=("b",)).replace(
            'name="m"', 'name="m" expressionLanguage="feel"', 1
        ),
        "b": file("b", decision("x", text("1").replace("<literalExpression", other)), decision("y", text("2"))),
    }
    assert asked(model("a", **files), "d") == "[null, 2]"


def test_included_models_are_bounded_in_size_together() -> None:
    names = [f"n{number}" for number in range(3)]
    files = {
        one: file(one, f"<!--{'x' * 1_900_000}-->", imports=tuple(other for other in names if other != one))
        for one in names
    }
    found = load_files(files)
    assert [isinstance(one, DmnError) and one.code for one in found.values()] == ["dmn_too_large"] * 3
