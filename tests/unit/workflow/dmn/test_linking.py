"""Files that import each other, in whatever order they are named."""

from engine.feel.builtins.conversion import describe
from engine.workflow.dmn import DecisionModel, DmnError, load_file, load_files
from engine.workflow.dmn.linking import needed
from tests.unit.workflow.dmn.models import ENV, decision, definitions, text

KIND = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def file(namespace: str, logic: str, *imports: str, location: str = "") -> str:
    """A file with the decision ``d``, which requires ``d`` of each imported namespace (prefix = namespace)."""
    places = f' locationURI="{location}"' if location else ""
    heads = "".join(
        f'<import name="{one}" namespace="urn:{one}" importType="{KIND}"{places if one == imports[0] else ""}/>'
        for one in imports
    )
    requires = "".join(
        f'<informationRequirement><requiredDecision href="urn:{one}#d"/></informationRequirement>' for one in imports
    )
    return definitions(heads, decision("d", requires + text(logic))).decode().replace("urn:m", f"urn:{namespace}")


def value(model: DecisionModel | DmnError) -> str:
    assert isinstance(model, DecisionModel)
    return describe(model.evaluate("d", {}, ENV).value)


def rules(model: DecisionModel | DmnError) -> list[str]:
    assert isinstance(model, DecisionModel)
    return [one.rule for one in model.findings]


def test_files_are_linked_whatever_their_order() -> None:
    files = {
        "top.dmn": file("top", "left.d + right.d", "left", "right"),
        "left.dmn": file("left", "base.d * 2", "base"),
        "right.dmn": file("right", "base.d * 3", "base"),
        "base.dmn": file("base", "7"),
        "alone.dmn": file("alone", "1"),
    }
    for names in (sorted(files), sorted(files, reverse=True)):
        models = load_files({name: files[name] for name in names})
        assert {name: value(model) for name, model in models.items()} == {
            "top.dmn": "35", "left.dmn": "14", "right.dmn": "21", "base.dmn": "7", "alone.dmn": "1"
        }  # fmt: skip
        assert [rules(model) for model in models.values()] == [[], [], [], [], []]
    assert needed("left.dmn", files).keys() == {"left.dmn", "base.dmn"}
    assert value(load_file("left.dmn", files)) == "14"


def test_circle_of_imports_is_a_finding_of_each_file_on_it_and_of_no_other() -> None:
    models = load_files(
        {
            "a.dmn": file("a", "1", "b"),
            "b.dmn": file("b", "1", "c"),
            "c.dmn": file("c", "1", "a"),
            "user.dmn": file("user", "a.d", "a"),
        }
    )
    circles = {name: [rule for rule in rules(model) if "import" in rule] for name, model in models.items()}
    assert circles == {
        "a.dmn": ["dmn.import_circle"],
        "b.dmn": ["dmn.import_circle"],
        "c.dmn": ["dmn.import_circle"],
        "user.dmn": [],
    }
    assert value(models["user.dmn"]) == "1"


def test_file_that_imports_itself_is_told_so() -> None:
    assert "dmn.import_missing" in rules(load_file("a.dmn", {"a.dmn": file("a", "1", "a")}))


def test_files_of_one_namespace_are_told_apart_by_their_location() -> None:
    files = {
        "new/rates.dmn": file("rates", "2"),
        "old/limits.dmn": file("rates", "1"),
        "by_place.dmn": file("x", "rates.d", "rates", location="old\\limits.dmn"),
        "unclear.dmn": file("y", "rates.d", "rates"),
    }
    assert value(load_file("by_place.dmn", files)) == "1"
    assert "dmn.import_missing" in rules(load_file("unclear.dmn", files))


def test_unreadable_file_counts_as_not_given() -> None:
    models = load_files({"a.dmn": file("a", "b.d", "b"), "b.dmn": "<no", "c.dmn": '<x namespace="urn:b"/>'})
    assert isinstance(models["b.dmn"], DmnError)
    assert isinstance(models["c.dmn"], DmnError)
    assert "dmn.import_missing" in rules(models["a.dmn"])


def test_many_shared_imports_are_read_once_each() -> None:
    files = {
        f"{level}{side}.dmn": file(f"l{level}{side}", "1", *(f"l{level + 1}{one}" for one in "ab"))
        for level in range(24)
        for side in "ab"
    }
    files |= {f"24{side}.dmn": file(f"l24{side}", "1") for side in "ab"}
    assert [rules(model) for model in load_files(files).values()] == [[]] * 50
