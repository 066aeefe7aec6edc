"""What ``check-process`` prints: by file, worst first, each fix beside what it mends, a sum at the end."""

import pytest

from engine.kernel.text import Text
from engine.workflow import Engine
from engine.workflow.bpmn.findings import Finding
from webapp.cli.findings import show

HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="{0}_d" targetNamespace="t">\n'
STEP = '<process id="{0}"><startEvent id="{0}_s"/>\n<serviceTask id="{0}_t" name="问"/>\n'
WAYS = '<sequenceFlow id="{0}_f" sourceRef="{0}_s" targetRef="{0}_t"/></process></definitions>'


def model(key: str) -> str:
    return (HEAD + STEP + WAYS).format(key)


def printed(capsys: pytest.CaptureFixture[str], *keys: str, is_verbose: bool = False) -> list[str]:
    sources = {f"{key}.bpmn": model(key) for key in keys}
    found: list[Finding] = [one for text in sources.values() for one in Engine().check(text, in_school=True)]
    show(tuple(sorted(found, key=lambda one: one.severity != "error")), sources, is_verbose=is_verbose)
    return capsys.readouterr().out.splitlines()


def test_report_names_file_line_and_fix(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert printed(capsys, "a") == [
        "a.bpmn",
        "  错误  第 3 行  a_t",
        "      “问”：没有说明由谁执行",
        "      → 在属性面板中选择",
        "      --accept work.person:a_t  “问”由人来做（改为用户任务）",
        "  警告  第 2 行  a_s",
        "      “a_s”：同一层没有结束事件",
        "      → 加一个结束事件，更清楚",
        "不能部署：1 个错误，1 个警告；另有 1 处已自动改写（--verbose 查看）",
        "接受全部修复：加上 --accept all --output 新文件",
    ]


def test_report_of_several_files_tells_them_apart(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    lines = printed(capsys, "a", "b", is_verbose=True)
    assert [line for line in lines if line.endswith(".bpmn")] == ["a.bpmn", "b.bpmn"]
    assert "  changed  line 2  b" in lines
    assert lines[-2:] == [
        "Not deployable: 2 errors, 2 warnings",
        "To accept every fix add --accept all --output NEW_FILE",
    ]


def test_report_of_a_file_that_is_no_xml_names_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    finding = Finding("", "xml.unreadable", "error", Text("不是", "Not a valid BPMN file"))
    show((finding,), {"good.bpmn": model("a"), "bad.bpmn": "<a"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "bad.bpmn"
    assert "      Not a valid BPMN file" in lines
