"""Files brought into the studio: their encodings, archives, and what is no model."""

import io
import zipfile

import pytest

from webapp.screens.studio import companions, reading
from webapp.screens.studio.blank_process import wished_key

MODEL = """<?xml version="1.0"{declared}?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">
  <process id="draft" name="草稿"/>
  <process id="leave" name="请假（周镕）" isExecutable="true"><userTask id="look" name="审核"/></process>
</definitions>"""
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="额度" namespace="n"/>"""


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("GB2312", "gbk"), ("GBK", "gbk"), ("GB18030", "gb18030"), ("UTF-16", "utf-16"), ("UTF-8", "utf-8-sig")],
)
def test_model_is_read_in_the_encoding_it_names(declared: str, encoding: str) -> None:
    content = MODEL.format(declared=f' encoding="{declared}"').encode(encoding)
    given, refused = reading.read([("请假.bpmn", content)])
    assert refused == ()
    assert given[0].processes == (("leave", "请假（周镕）"), ("draft", "草稿"))
    assert given[0].names == {"leave": "请假（周镕）", "draft": "草稿", "look": "审核"}


def test_model_whose_byte_order_mark_contradicts_its_declaration_is_read() -> None:
    given, _ = reading.read([("a.bpmn", MODEL.format(declared=' encoding="UTF-8"').encode("utf-16"))])
    assert given[0].processes[0] == ("leave", "请假（周镕）")


def test_undeclared_gbk_is_refused_with_what_to_do() -> None:
    given, refused = reading.read([("a.bpmn", MODEL.format(declared="").encode("gbk"))])
    assert given == ()
    assert "请在原来的工具里另存为 UTF-8" in refused[0].reason.zh
    assert "save it as UTF-8" in refused[0].reason.en


def _archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def test_archive_gives_its_models_and_tables_by_their_own_names() -> None:
    model = MODEL.format(declared="").encode()
    members = {"out/leave.bpmn20.xml": model, "old/leave.bpmn20.xml": model, "limits.xml": TABLE.encode()}
    given, refused = reading.read(
        [("all.zip", _archive({**members, "readme.txt": b"x", "__MACOSX/._leave.bpmn": b"x"}))]
    )
    assert [(one.name, one.kind) for one in given] == [
        ("leave.bpmn20.xml", "bpmn"),
        ("leave.bpmn20_2.xml", "bpmn"),
        ("limits.dmn", "dmn"),
    ]
    assert refused == ()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("broken.zip", b"PK\x03\x04broken", "压缩包已损坏或加了密码，请解压后再拖入"),
        ("empty.zip", _archive({"readme.txt": b"x"}), "压缩包里没有 .bpmn 或 .dmn 文件"),
        ("page.xml", b"<html/>", "不是 BPMN 流程图，也不是 DMN 决策表"),
        ("note.bpmn", b"hello", "文件无法读取：XML 语法错误，在第 1 行第 1 列附近"),
        ("nothing.bpmn", b" ", "文件无法读取：文件是空的"),
    ],
)
def test_what_is_no_model_is_refused_with_a_reason(name: str, content: bytes, reason: str) -> None:
    given, refused = reading.read([(name, content)])
    assert given == ()
    assert [(one.name, one.reason.zh) for one in refused] == [(name, reason)]


def test_archive_brings_the_forms_that_its_tasks_name() -> None:
    form = b'{"id": "ask", "components": [{"type": "textfield", "key": "why"}]}'
    asking = MODEL.replace(
        'id="look"', 'id="look" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:formRef="ask"'
    )
    members = {
        "package.json": b'{"name": "x"}',
        "forms/ask.form": form,
        "forms/lonely.form": form.replace(b"ask", b"no"),
    }
    packed = _archive({**members, "m.bpmn": asking.format(declared="").encode()})
    given, refused = reading.read([("all.bar", packed)])
    assert [(one.name, one.kind) for one in given] == [
        ("m.bpmn", "bpmn"),
        ("ask.form", "form"),
        ("lonely.form", "form"),
    ]
    models, unused = companions.with_forms(given)
    assert refused == ()
    assert [(one.given.name, list(one.forms)) for one in models] == [("m.bpmn", ["ask.json"])]
    assert 'formKey="leave.ask"' in models[0].given.text
    assert [(one.element_id, one.rule) for one in models[0].findings] == [("look", "doctor.form")]
    assert [(one.name, one.reason.zh) for one in unused] == [("lonely.form", "没有任务用到这个表单，没有导入")]
    assert reading.read([("package.json", members["package.json"])])[1][0].reason.zh == "不是能读懂的表单"


def test_archive_that_unpacks_to_too_much_is_refused() -> None:
    given, refused = reading.read([("bomb.zip", _archive({"a.bpmn": b" " * (reading.MAX_BYTES + 1)}))])
    assert given == ()
    assert [(one.name, one.reason.zh) for one in refused] == [("a.bpmn", "文件太多或太大")]


def test_archive_of_many_files_that_are_no_models_is_not_read_to_its_end() -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for number in range(200):
            archive.writestr(f"{number}.xml", "<a/>")
    given, refused = reading.read([("many.zip", sink.getvalue())])
    assert (given, len(refused)) == ((), reading.MAX_FILES + 1)
    assert refused[-1].reason.en == "Too many files, or too large"


def test_path_in_an_archive_never_becomes_part_of_a_name() -> None:
    given, _ = reading.read([("a.zip", _archive({"../../etc/x.bpmn": MODEL.format(declared="").encode()}))])
    assert [one.name for one in given] == ["x.bpmn"]


@pytest.mark.parametrize(
    ("key", "name", "wish"),
    [
        ("leaveRequest", "请假", "leaverequest"),
        ("Process_0ab12cd", "请假", "qingjia"),
        ("Process_1", "", "process_1"),
        ("sid-7A2", "退费", "tuifei"),
        ("process", "退费", "tuifei"),
    ],
)
def test_key_of_an_imported_process_says_what_it_is(key: str, name: str, wish: str) -> None:
    assert wished_key(key, name) == wish
