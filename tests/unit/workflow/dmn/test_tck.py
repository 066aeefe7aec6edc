"""The runner of the public conformance suite, on a suite of its own."""

from pathlib import Path

import pytest

from bench import tck

MODEL = "https://www.omg.org/spec/DMN/20230324/MODEL/"
IMPORTED = f"""<definitions xmlns="{MODEL}" name="b" namespace="urn:b">
  <inputData name="Person" id="i"><variable name="Person" typeRef="string"/></inputData>
  <decision name="Greeting" id="g"><variable name="Greeting"/>
    <informationRequirement><requiredInput href="#i"/></informationRequirement>
    <literalExpression><text>"Hello, " + Person</text></literalExpression></decision>
</definitions>"""
MAIN = f"""<definitions xmlns="{MODEL}" name="a" namespace="urn:a">
  <import name="b" namespace="urn:b" importType="{MODEL}" locationURI="b.dmn"/>
  <inputData name="n" id="n"><variable name="n" typeRef="number"/></inputData>
  <decision name="Said" id="s"><variable name="Said"/>
    <informationRequirement><requiredDecision href="urn:b#g"/></informationRequirement>
    <literalExpression><text>{{said: b.Greeting, on: [@"2026-09-01", @"PT2H", true]}}</text></literalExpression>
  </decision>
  <import name="" namespace="urn:c" importType="{MODEL}"/>
  <decision name="Who" id="w"><variable name="Who"/>
    <literalExpression><text>"a"</text></literalExpression></decision>
  <decision name="Only" id="o"><variable name="Only"/>
    <informationRequirement><requiredDecision href="urn:b#g"/></informationRequirement>
    <literalExpression><text>b.Greeting</text></literalExpression></decision>
  <decision name="Third" id="t"><variable name="Third"/>
    <informationRequirement><requiredInput href="#n"/></informationRequirement>
    <literalExpression><text>n / 3</text></literalExpression></decision>
  <decisionService name="Ask" id="ask"><variable name="Ask"/>
    <outputDecision href="#t"/><inputData href="#n"/></decisionService>
  <decisionService name="Both" id="both"><variable name="Both"/>
    <outputDecision href="#t"/><outputDecision href="#o"/><inputData href="#n"/></decisionService>
</definitions>"""
CIRCLE = f"""<definitions xmlns="{MODEL}" name="c" namespace="urn:c">
  <import name="" namespace="urn:a" importType="{MODEL}"/>
  <decision name="Own" id="own"><variable name="Own"/>
    <informationRequirement><requiredDecision href="#w"/></informationRequirement>
    <informationRequirement><requiredDecision href="urn:a#o"/></informationRequirement>
    <literalExpression><text>Who + ": " + Only</text></literalExpression></decision>
  <decision name="Who" id="w"><variable name="Who"/>
    <literalExpression><text>"c"</text></literalExpression></decision>
</definitions>"""
CASES = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>a.dmn</modelName>
  <testCase id="001"><inputNode name="Person"><value xsi:type="xsd:string">Li</value></inputNode>
    <resultNode name="Said" type="decision"><expected>
      <component name="said"><value xsi:type="xsd:string">Hello, Li</value></component>
      <component name="on"><list><item><value xsi:type="xsd:date">2026-09-01</value></item>
        <item><value xsi:type="xsd:duration">PT120M</value></item>
        <item><value xsi:type="xsd:boolean">true</value></item></list></component>
    </expected></resultNode></testCase>
  <testCase id="002"><inputNode name="n"><value xsi:type="xsd:decimal">1</value></inputNode>
    <resultNode name="Third" type="decision"><expected>
      <value xsi:type="xsd:double">0.3333333333</value></expected></resultNode></testCase>
  <testCase id="003" type="decisionService" invocableName="Ask">
    <inputNode name="n"><value xsi:type="xsd:string">x</value></inputNode>
    <resultNode name="Third" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
  <testCase id="004">
    <resultNode name="Third"><expected><value xsi:type="xsd:double">1</value></expected></resultNode></testCase>
  <testCase id="006"><inputNode name="Person"><value xsi:type="xsd:string">Li</value></inputNode>
    <inputNode name="b.Person"><value xsi:type="xsd:string">Wu</value></inputNode>
    <resultNode name="Only"><expected><value xsi:type="xsd:string">Hello, Wu</value></expected></resultNode></testCase>
  <testCase id="007" type="decisionService" invocableName="Both">
    <inputNode name="n"><value xsi:type="xsd:decimal">6</value></inputNode>
    <inputNode name="Person"><value xsi:type="xsd:string">Li</value></inputNode>
    <resultNode name="Third"><expected><value xsi:type="xsd:double">2</value></expected></resultNode>
    <resultNode name="Only"><expected><value xsi:type="xsd:string">Hello, Li</value></expected></resultNode>
    <resultNode name="Both"><expected>
      <component name="Only"><value xsi:type="xsd:string">Hello, Li</value></component>
      <component name="Third"><value xsi:type="xsd:double">2</value></component></expected></resultNode></testCase>
  <testCase id="008"><inputNode name="Person"><value xsi:type="xsd:string">Li</value></inputNode>
    <inputNode name="Person" namespace="urn:b"><value xsi:type="xsd:string">Wu</value></inputNode>
    <resultNode name="Only"><expected><value xsi:type="xsd:string">Hello, Wu</value></expected></resultNode></testCase>
  <testCase id="009"><inputNode name="n"><value xsi:type="xsd:double">NaN</value></inputNode>
    <resultNode name="Third"><expected xsi:nil="true"/></resultNode>
    <resultNode name="Nobody" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode>
    <resultNode name="Own"><expected><value xsi:type="xsd:string">a: Hello, Li</value></expected></resultNode>
    <inputNode name="Person"><value xsi:type="xsd:string">Li</value></inputNode></testCase>
  <testCase id="010"><inputNode name="Person"><value>Li</value></inputNode>
    <inputNode name="n"><value>6</value></inputNode>
    <resultNode name="Third"><computed><value>2</value></computed></resultNode>
    <resultNode name="Third"><expected><value>two</value></expected></resultNode>
    <resultNode name="Said"><expected><component name="said"><value>Hello, Li</value></component>
      <component name="on"><list><item><value>2026-09-01</value></item><item><value>PT2H</value></item>
        <item><value>true</value></item></list></component></expected></resultNode></testCase>
  <testCase id="005"><resultNode name="Nobody"><expected><value xsi:nil="true"/></expected></resultNode></testCase>
</testCases>"""


def test_suite_is_counted_by_folder_and_its_failures_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "0001-own"
    folder.mkdir()
    other = IMPORTED.replace("Hello", "Goodbye")
    files = {
        "a.dmn": MAIN,
        "b.dmn": IMPORTED,
        "c.dmn": CIRCLE,
        "0001-own-test-01.xml": CASES,
        "broken.xml": "<a",
        "a/b.dmn": other,
    }
    (folder / "a").mkdir()
    for name, content in files.items():
        (folder / name).write_text(content)
    assert tck.main([str(tmp_path), "--list"]) == 1
    printed = capsys.readouterr().out.splitlines()
    assert next(line.split() for line in printed if " of " in line) == ["13", "of", "16", "0001-own"]
    assert [line.split(":")[1] for line in printed if "expected" in line] == [
        " 0001-own-test-01 004 Third",
        " 0001-own-test-01 010 Third",
        " 0001-own-test-01 005 Nobody",
    ]


def test_folder_without_tests_is_an_error(tmp_path: Path) -> None:
    assert tck.main([str(tmp_path)]) == 2
