"""What people call the elements of a model and what can be set on them."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.kernel.text import Text

ELEMENTS: Mapping[str, Text] = MappingProxyType(
    {
        "process": Text("流程", "Process"),
        "participant": Text("参与者", "Participant"),
        "lane": Text("泳道", "Lane"),
        "userTask": Text("用户任务", "User task"),
        "manualTask": Text("手工任务", "Manual task"),
        "serviceTask": Text("服务任务", "Service task"),
        "sendTask": Text("发送任务", "Send task"),
        "receiveTask": Text("接收任务", "Receive task"),
        "scriptTask": Text("脚本任务", "Script task"),
        "businessRuleTask": Text("规则任务", "Business rule task"),
        "task": Text("任务", "Task"),
        "callActivity": Text("调用流程", "Call activity"),
        "subProcess": Text("子流程", "Sub-process"),
        "adHocSubProcess": Text("即席子流程", "Ad-hoc sub-process"),
        "transaction": Text("事务", "Transaction"),
        "exclusiveGateway": Text("排他网关", "Exclusive gateway"),
        "parallelGateway": Text("并行网关", "Parallel gateway"),
        "inclusiveGateway": Text("包容网关", "Inclusive gateway"),
        "eventBasedGateway": Text("事件网关", "Event-based gateway"),
        "complexGateway": Text("复杂网关", "Complex gateway"),
        "startEvent": Text("开始事件", "Start event"),
        "endEvent": Text("结束事件", "End event"),
        "intermediateCatchEvent": Text("等待事件", "Catch event"),
        "intermediateThrowEvent": Text("抛出事件", "Throw event"),
        "boundaryEvent": Text("边界事件", "Boundary event"),
        "sequenceFlow": Text("连线", "Flow"),
        "messageFlow": Text("消息流", "Message flow"),
        "textAnnotation": Text("注释", "Annotation"),
        "dataObjectReference": Text("数据对象", "Data object"),
        "dataStoreReference": Text("数据存储", "Data store"),
        "message": Text("消息", "Message"),
        "signal": Text("信号", "Signal"),
        "error": Text("错误", "Error"),
        "escalation": Text("升级", "Escalation"),
    }
)
"""Elements that a reader of the diagram would call a thing of their own."""

SETTINGS: Mapping[str, Text] = MappingProxyType(
    {
        "assignee.rule": Text("处理人", "Assignee"),
        "assignee.branch": Text("处理人的校区", "Assignee's branch"),
        "assignee.strategy": Text("分配方式", "Strategy"),
        "task.form": Text("表单", "Form"),
        "task.record": Text("绑定的记录", "Bound record"),
        "task.object": Text("记录的对象", "Record's object"),
        "task.candidates": Text("候选人", "Candidates"),
        "task.due": Text("期限", "Due"),
        "task.priority": Text("优先级", "Priority"),
        "task.empty": Text("找不到处理人时", "When nobody fits"),
        "task.same_person": Text("同一人已审批过时", "When the same person approved before"),
        "task.self": Text("处理人是发起人时", "When the assignee is the starter"),
        "task.distinct_from": Text("不得同一人", "Not the same person as in"),
        "task.operations": Text("允许的操作", "Operations"),
        "outcome.label_zh": Text("处理结果", "Outcome"),
        "outcome.label_en": Text("处理结果（英文）", "Outcome in English"),
        "outcome.style": Text("处理结果的样式", "Style of the outcome"),
        "outcome.comment": Text("意见要求", "Comment"),
        "fieldAccess.access": Text("字段权限", "Field access"),
        "reminder.after": Text("提醒：到达后", "Reminder after"),
        "reminder.before_due": Text("提醒：期限前", "Reminder before due"),
        "reminder.repeat": Text("提醒间隔", "Reminder every"),
        "reminder.to": Text("提醒谁", "Reminded"),
        "reminder.action": Text("超时动作", "Action of the reminder"),
        "countersign.mode": Text("会签方式", "Countersign"),
        "countersign.value": Text("会签比例或人数", "Countersign's share"),
        "handler.name": Text("处理器", "Handler"),
        "handler.retries": Text("重试次数", "Retries"),
        "input.value": Text("输入", "Input"),
        "output.value": Text("输出", "Output"),
        "key.value": Text("关联键", "Correlation key"),
        "send.connector": Text("发送渠道", "Channel"),
        "send.template": Text("消息模板", "Template"),
        "send.to": Text("收件人", "To"),
        "send.expires": Text("消息有效期", "Expires"),
        "decision.ref": Text("决策表", "Decision"),
        "decision.binding": Text("决策表版本", "Binding of the decision"),
        "decision.result": Text("结果变量", "Result variable"),
        "call.binding": Text("调用的版本", "Binding of the call"),
        "job.type": Text("外部作业", "External job"),
        "stage.value": Text("记录阶段", "Record stage"),
        "title.text": Text("标题", "Title"),
        "cancel.handler": Text("撤销时执行", "On cancelling"),
        "process.record": Text("围绕的对象", "Object it is about"),
        "process.money": Text("涉及资金", "Money"),
        "process.lifecycle": Text("驱动记录的阶段", "Drives the record's stage"),
        "process.principal": Text("执行身份", "Acts as"),
        "variable.type": Text("变量类型", "Type of the variable"),
        "variable.access": Text("谁可查看变量", "Who may see the variable"),
        "variable.label": Text("变量", "Variable"),
    }
)
"""``<extension>.<attribute>`` of our own elements."""

NAME = Text("名称", "Name")
KIND = Text("类型", "Kind")
CONDITION = Text("条件", "Condition")
FROM = Text("从", "From")
TO = Text("到", "To")
DEFAULT = Text("默认走向", "Default way")
DOCUMENTATION = Text("说明", "Documentation")
TIMER = Text("时间", "Time")
SCRIPT = Text("脚本", "Script")
CALLED = Text("调用的流程", "Called process")
EVENT = Text("触发的事件", "Event")
HOST = Text("附着于", "Attached to")
INTERRUPTS = Text("是否中断", "Interrupts")
REPEATS = Text("多实例", "Multi-instance")
