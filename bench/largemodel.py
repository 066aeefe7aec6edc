"""A process of some 300 nodes as a large school might draw it: a pool of ten lanes, in each a row of thirty nodes.

A row asks, decides, opens a sub-process with a reminder, works in parallel, and goes back when its result is not good.
"""

from dataclasses import dataclass

NODES_OF_A_ROW = 30
_SIZES = {"Task": (100, 80), "Event": (36, 36), "Gateway": (50, 50), "Process": (620, 190)}
_SPACE = "http://www.omg.org/spec/"
_WIDTH, _HEIGHT, _LEFT = 3140, 460, 60
_TABLE = """
take           userTask          120 200 登记申请
count          scriptTask        260 200 计算金额
way            exclusiveGateway  380 200 金额多大？
small          userTask          500 120 主管审批
large          userTask          500 290 校长审批
merged         exclusiveGateway  630 200 .
lesson         subProcess       1000 200 安排课程
late           boundaryEvent     820 295 逾期
remind         userTask          900 390 提醒老师
reminded       endEvent         1020 390 已提醒
fork           parallelGateway  1400 200 .
room           userTask         1530 100 安排教室
notice         userTask         1530 200 通知家长
pay            userTask         1530 310 核对收费
join           parallelGateway  1660 200 .
some           inclusiveGateway 1780 200 还要什么？
book           userTask         1910 120 准备教材
visit          userTask         1910 290 预约家访
gathered       inclusiveGateway 2040 200 .
note           scriptTask       2170 200 写入摘要
total          scriptTask       2310 200 更新合计
confirm        userTask         2450 200 确认结果
result         exclusiveGateway 2580 200 结果如何？
"""
_INSIDE = """
lesson_begun   startEvent        730 200 开始
teacher        userTask          840 200 选择老师
fits           exclusiveGateway  950 200 老师有空？
place          userTask         1060 150 排课
wait           userTask         1060 250 候补登记
placed         exclusiveGateway 1170 200 .
lesson_done    endEvent         1260 200 已安排
"""
_FLOWS = """
take count . | count way . | way small . | way large amount&gt;5000 | small merged . | large merged . | merged lesson .
lesson fork . | late remind . | remind reminded . | fork room . | fork notice . | fork pay . | room join .
notice join . | pay join . | join some . | some book . | some visit amount&gt;8000 | book gathered . | visit gathered .
gathered note . | note total . | total confirm . | confirm result . | result merged amount&gt;9000
"""
_INSIDE_FLOWS = """
lesson_begun teacher . | teacher fits . | fits place . | fits wait amount&gt;7000 | place placed . | wait placed .
placed lesson_done .
"""
_TWO_WAYS = ("way", "some", "fits", "result")
"""Gateways whose flow without a condition is the default one."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node; ``x`` and ``y`` are its middle."""

    id: str
    kind: str
    name: str
    x: int
    y: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return next(size for end, size in _SIZES.items() if self.kind.endswith(end))


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow; ``condition`` is empty for one that is taken in any case or by default."""

    source: str
    target: str
    condition: str = ""

    @property
    def id(self) -> str:
        """Its id, made of its ends."""
        return f"{self.source}_to_{self.target}"


@dataclass(frozen=True, slots=True)
class Row:
    """What one lane holds, and what its sub-process holds."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    inside: tuple[Node, ...]
    inside_flows: tuple[Flow, ...]


def large_model(key: str, *, rows: int = 10, faults: int = 0) -> str:
    """BPMN of ``rows`` × 30 nodes and a start and an end, with its picture; ``faults`` user tasks have no assignee.

    >>> large_model("big", rows=2).count("<userTask")
    26
    """
    found = [_row(number) for number in range(rows)]
    first = Node("started", "startEvent", "发起", _LEFT + 10, 200)
    last = Node("ended", "endEvent", "办结", 2700, 200 + (rows - 1) * _HEIGHT)
    joints = [Flow(f"result_{number}", f"take_{number + 1}") for number in range(rows - 1)]
    ends = [Flow("started", "take_0"), *joints, Flow(f"result_{rows - 1}", "ended")]
    nodes = [first, *(node for row in found for node in row.nodes), last]
    flows = [*(flow for row in found for flow in row.flows), *ends]
    inside = {f"lesson_{number}": row for number, row in enumerate(found)}
    faulty = {node.id for node in [node for node in nodes if node.kind == "userTask"][:faults]}
    drawn = "".join(_node(node, flows, inside, faulty) for node in nodes) + "".join(map(_flow, flows))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="{_SPACE}BPMN/20100524/MODEL"'
        f' xmlns:bpmndi="{_SPACE}BPMN/20100524/DI" xmlns:dc="{_SPACE}DD/20100524/DC" xmlns:di="{_SPACE}DD/20100524/DI"'
        f' xmlns:school="https://schoolflow.example/bpmn" id="{key}_definitions" targetNamespace="school">'
        f'<collaboration id="together"><participant id="pool" name="大流程" processRef="{key}" /></collaboration>'
        f'<process id="{key}" name="大流程" isExecutable="true"><extensionElements><school:variable name="amount"'
        f' type="money" label="金额" /></extensionElements>{_lanes(found)}{drawn}</process>'
        f"{_picture(found, nodes, flows)}</definitions>"
    )


def _row(number: int) -> Row:
    top = number * _HEIGHT
    return Row(
        tuple(_nodes(_TABLE, number, top)),
        _flows(_FLOWS, number),
        tuple(_nodes(_INSIDE, number, top)),
        _flows(_INSIDE_FLOWS, number),
    )


def _nodes(table: str, number: int, top: int) -> list[Node]:
    lines = [line.split() for line in table.strip().splitlines()]
    return [
        Node(f"{key}_{number}", kind, "" if name == "." else f"{name} {number + 1}", _LEFT + int(x), int(y) + top)
        for key, kind, x, y, name in lines
    ]


def _flows(table: str, number: int) -> tuple[Flow, ...]:
    parts = [part.split() for line in table.strip().splitlines() for part in line.split("|")]
    return tuple(Flow(f"{a}_{number}", f"{b}_{number}", "" if when == "." else when) for a, b, when in parts)


def _lanes(rows: list[Row]) -> str:
    lanes = []
    for number, row in enumerate(rows):
        held = [
            *(node.id for node in row.nodes),
            *(["started"] if not number else []),
            *(["ended"] if number == len(rows) - 1 else []),
        ]
        inner = "".join(f"<flowNodeRef>{name}</flowNodeRef>" for name in held)
        lanes.append(f'<lane id="lane_{number}" name="第 {number + 1} 组">{inner}</lane>')
    return f'<laneSet id="lanes">{"".join(lanes)}</laneSet>'


def _node(node: Node, flows: list[Flow] | tuple[Flow, ...], inside: dict[str, Row], faulty: set[str]) -> str:
    kind = node.kind
    default = next((flow.id for flow in flows if flow.source == node.id and not flow.condition), "")
    extra = f' default="{default}"' if node.id.rsplit("_", 1)[0] in _TWO_WAYS else ""
    if kind == "boundaryEvent":
        extra = f' attachedToRef="lesson_{node.id.rsplit("_", 1)[1]}" cancelActivity="false"'
    return f'<{kind} id="{node.id}" name="{node.name}"{extra}>{_body(node, flows, inside, faulty)}</{kind}>'


def _body(node: Node, flows: list[Flow] | tuple[Flow, ...], inside: dict[str, Row], faulty: set[str]) -> str:
    ends = "".join(f"<incoming>{flow.id}</incoming>" for flow in flows if flow.target == node.id)
    ends += "".join(f"<outgoing>{flow.id}</outgoing>" for flow in flows if flow.source == node.id)
    if node.kind == "userTask":
        rule = "" if node.id in faulty else '<school:assignee rule="role:sales" />'
        due = '<school:reminder after="P1D" to="assignee" action="urge" />'
        return f'<extensionElements><school:task due="P2D">{rule}{due}</school:task></extensionElements>{ends}'
    if node.kind == "scriptTask":
        return f"{ends}<script>{{amount: 6000}}</script>"
    if node.kind == "boundaryEvent":
        return f"{ends}<timerEventDefinition><timeDuration>P3D</timeDuration></timerEventDefinition>"
    if node.kind == "subProcess":
        row = inside[node.id]
        return (
            ends
            + "".join(_node(one, row.inside_flows, inside, faulty) for one in row.inside)
            + "".join(map(_flow, row.inside_flows))
        )
    return ends


def _flow(flow: Flow) -> str:
    named = ' name="大额"' if flow.condition else ""
    inner = f"<conditionExpression>{flow.condition}</conditionExpression>" if flow.condition else ""
    ends = f'sourceRef="{flow.source}" targetRef="{flow.target}"'
    return f'<sequenceFlow id="{flow.id}" {ends}{named}>{inner}</sequenceFlow>'


def _picture(rows: list[Row], nodes: list[Node], flows: list[Flow]) -> str:
    placed = {node.id: node for node in [*nodes, *(node for row in rows for node in row.inside)]}
    drawn = [_shape("pool", 20, -20, _WIDTH, len(rows) * _HEIGHT, 'isHorizontal="true"')]
    drawn += [
        _shape(f"lane_{n}", 50, n * _HEIGHT - 20, _WIDTH - 30, _HEIGHT, 'isHorizontal="true"') for n in range(len(rows))
    ]
    for node in placed.values():
        (width, height), extra = node.size, ' isExpanded="true"' if node.kind == "subProcess" else ""
        drawn.append(_shape(node.id, node.x - width // 2, node.y - height // 2, width, height, extra))
    drawn += [_edge(flow, placed) for flow in [*flows, *(flow for row in rows for flow in row.inside_flows)]]
    plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement="together">{"".join(drawn)}</bpmndi:BPMNPlane>'
    return f'<bpmndi:BPMNDiagram id="diagram">{plane}</bpmndi:BPMNDiagram>'


def _shape(key: str, x: int, y: int, width: int, height: int, extra: str = "") -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" />'
    return f'<bpmndi:BPMNShape id="{key}_shape" bpmnElement="{key}" {extra}>{bounds}</bpmndi:BPMNShape>'


def _edge(flow: Flow, placed: dict[str, Node]) -> str:
    a, b = placed[flow.source], placed[flow.target]
    begin, end = (a.x + a.size[0] // 2, a.y), (b.x - b.size[0] // 2, b.y)
    if b.x > a.x:
        turn = begin[0] + 15
        points = [begin, (turn, begin[1]), (turn, end[1]), end]
    else:  # back over the row, or down to the next one
        below = a.y + 235 if b.y > a.y else a.y - 170
        points = [
            (a.x, a.y + 25 if b.y > a.y else a.y - 25),
            (a.x, below),
            (end[0] - 15, below),
            (end[0] - 15, end[1]),
            end,
        ]
    ways = "".join(f'<di:waypoint x="{x}" y="{y}" />' for x, y in dict.fromkeys(points))
    return f'<bpmndi:BPMNEdge id="{flow.id}_edge" bpmnElement="{flow.id}">{ways}</bpmndi:BPMNEdge>'
