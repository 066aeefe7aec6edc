"""The documentation page's model: areas in both languages, parameters, a request to copy."""

from webapp.api.docs_page import Parameter, parts_of

DOCUMENT = {
    "tags": [{"name": "api_tasks", "description": "Inbox and user tasks 待办与任务"}],
    "components": {
        "schemas": {
            "Comment": {"type": "object", "properties": {"comment": {"type": "string"}, "n": {"type": "integer"}}}
        }
    },
    "paths": {
        "/api/v1/tasks/{task_id}/urge": {
            "parameters": [{"in": "path", "name": "task_id", "required": True, "schema": {"type": "string"}}],
            "post": {
                "operationId": "tasks_urge",
                "summary": "Reminds.",
                "tags": ["api_tasks"],
                "responses": {"200": {}, "default": {}},
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Comment"}}}},
            },
        }
    },
}


def test_docs_page_groups_calls_by_area_in_both_languages() -> None:
    (part,) = parts_of(DOCUMENT, "http://school")
    assert (part.label.zh, part.label.en) == ("待办与任务", "Inbox and user tasks")
    (call,) = part.operations
    assert (call.method, call.path, call.statuses) == ("POST", "/api/v1/tasks/{task_id}/urge", ("200",))
    assert call.parameters == (Parameter("task_id", "path", "string", True, ""),)


def test_docs_page_gives_a_request_to_copy() -> None:
    (part,) = parts_of(DOCUMENT, "http://school")
    assert part.operations[0].curl == (
        "curl -X POST 'http://school/api/v1/tasks/{task_id}/urge' \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Content-Type: application/json' \\\n"
        '  -d \'{"comment": "…", "n": 1}\''
    )
