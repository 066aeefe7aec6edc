"""Files people upload: owned by the record's field, and by nobody else's id."""

import io
from collections.abc import Callable

from engine.kernel.ids import new_id
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
PICTURE = b"\x89PNG\r\n\x1a\n-a-face"


def upload(visit: Visit, school: School) -> tuple[str, str]:
    """A student with a photo, entered by the campus's academic staff: student id, file id."""
    form = {"name": "林小夏", "photo": (io.BytesIO(PICTURE), "face.png", "image/png")}
    answer = visit("east_academic").post("/records/student/new", **form)
    student = answer.headers["Location"].rsplit("/", 1)[1]
    (row,) = school.rows("SELECT photo FROM student WHERE id = :id", id=student)
    return student, str(row["photo"])


def test_upload_belongs_to_the_record_field_after_saving(visit: Visit, school: School) -> None:
    student, photo = upload(visit, school)
    (row,) = school.rows("SELECT subject_kind, subject_id, field FROM stored_file WHERE id = :id", id=photo)
    assert (row["subject_kind"], row["subject_id"], row["field"]) == ("student", student, "photo")
    answer = visit("east_teacher1").client.get(f"/files/{photo}")
    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert f"/files/{photo}" in visit("east_teacher1").get(f"/records/student/{student}")


def test_upload_stays_hidden_from_those_who_may_not_read_the_record(visit: Visit, school: School) -> None:
    _, photo = upload(visit, school)
    visit("west_teacher1").get(f"/files/{photo}", status=404)
    visit("west_teacher1").get(f"/files/{new_id()}", status=404)


def test_edit_without_a_new_upload_keeps_the_file(visit: Visit, school: School) -> None:
    student, photo = upload(visit, school)
    visit("east_academic").post(f"/records/student/{student}/edit", version="1", name="林夏")
    (row,) = school.rows("SELECT name, photo FROM student WHERE id = :id", id=student)
    assert (row["name"], str(row["photo"])) == ("林夏", photo)


def test_known_file_of_another_record_cannot_be_taken_over(visit: Visit, school: School) -> None:
    _, photo = upload(visit, school)
    answer = visit("west_academic").post("/records/student/new", 422, name="偷看", photo=photo)
    assert "请重新上传该文件" in answer.text
