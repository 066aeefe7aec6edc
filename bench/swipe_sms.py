"""From a swipe at a terminal to the guardian's SMS in the outbox, over HTTP, against the smallest durable commit.

`python -m bench.swipe_sms [--swipes 30]`: the terminal's POST, then the inbox drained as a woken worker does.
"""

import argparse
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from zoneinfo import ZoneInfo

from sqlalchemy import text

from bench.school import Running, running_school, told
from connectors.simulators.park import TERMINAL_SERIAL
from engine.kernel.uow import Drain

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def main() -> None:
    """Prints p50 and p95 of the whole way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--swipes", type=int, default=30)
    wanted = parser.parse_args()
    with running_school() as school:
        _have_a_lesson_now(school)
        people = _people(school)
        connection = HTTPConnection("127.0.0.1", school.port)
        seconds, floor = [], []
        started = datetime.now(UTC)
        for number in range(wanted.swipes):
            at = started - timedelta(seconds=7 * number)
            record = f"{people[number % len(people)]}\t{at.astimezone(_SHANGHAI):%Y-%m-%d %H:%M:%S}\t0\t4\t0\t0\t0\n"
            begun = time.perf_counter()
            connection.request("POST", f"/iclock/cdata?SN={TERMINAL_SERIAL}&table=ATTLOG&Stamp=1", record)
            connection.getresponse().read()
            school.platform.drains[Drain.INBOX]()
            seconds.append(time.perf_counter() - begun)
            floor.append(_commit(school))
        with school.platform.engine.connect() as rows:
            sent = rows.execute(
                text("SELECT count(*) FROM outbox WHERE created_at >= :at"), {"at": started}
            ).scalar_one()
        print(
            f"swipe to outbox: terminal POST, inbox, attendance, hours, SMS ({wanted.swipes} swipes, {sent} messages)"
        )
        print("  " + told("swipe", seconds, floor))


def _have_a_lesson_now(school: Running) -> None:
    with school.platform.engine.begin() as connection:
        connection.execute(text("DELETE FROM lesson_booking"))
        connection.execute(
            text(
                "UPDATE lesson SET starts_at = now(), ends_at = now() + interval '2 hours' WHERE id IN (SELECT DISTINCT"
                " ON (class_group_id) id FROM lesson WHERE starts_at > now() ORDER BY class_group_id, starts_at)"
            )
        )


def _people(school: Running) -> list[str]:
    statement = "SELECT number FROM student WHERE number LIKE 'EAST%' ORDER BY number"
    with school.platform.engine.connect() as connection:
        return [str(row[0]).removeprefix("EAST") for row in connection.execute(text(statement))]


def _commit(school: Running) -> float:
    begun = time.perf_counter()
    with school.platform.engine.begin() as connection:
        connection.execute(text("UPDATE lead SET version = version WHERE id = (SELECT id FROM lead LIMIT 1)"))
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
