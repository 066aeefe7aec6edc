"""Paper: receipts, refund proofs, hours statements."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from webapp.render import go, page
from webapp.request import run
from webapp.screens.records import prints

blueprint = Blueprint("prints", __name__, url_prefix="/print")


@blueprint.get("/receipts/<uuid:receipt_id>")
def receipt(receipt_id: UUID) -> Response:
    """A receipt in two or three copies."""
    copies = 3 if request.args.get("copies") == "3" else 2
    return page("prints/receipt.html", **run(lambda tx: prints.receipt(tx, receipt_id, copies)))


@blueprint.post("/receipts/<uuid:receipt_id>")
def count_print(receipt_id: UUID) -> Response:
    """Counts the print, then shows the paper."""
    run(lambda tx: prints.print_receipt(tx, receipt_id))
    return go(url_for(".receipt", receipt_id=receipt_id, copies=request.form.get("copies", "2"), counted="1"))


@blueprint.get("/refunds/<uuid:order_id>")
def refund(order_id: UUID) -> Response:
    """A refund's computation for the guardian and the auditor."""
    return page("prints/refund.html", **run(lambda tx: prints.refund_proof(tx, order_id)))


@blueprint.get("/students/<uuid:student_id>/hours")
def hours(student_id: UUID) -> Response:
    """A student's hours, every movement."""
    return page("prints/hours.html", **run(lambda tx: prints.hours_statement(tx, student_id)))
