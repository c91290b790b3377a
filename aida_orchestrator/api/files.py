"""What a user uploads: kept, read in a child process, found by meaning when a film needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from pydantic import ValidationError
from werkzeug.datastructures import FileStorage, MultiDict

from ..errors import FileTooLarge, InvalidError, ReadersBusy
from ..model import UserFile
from ..pipeline import files as uploads
from ..pipeline.files import Wish
from ..store import files
from .asking import answer, base_url, only_text, services, user_in_body
from .figures import moment
from .paging import read_cursor, read_place, write_cursor
from .problems import WrongMediaType, from_validation, problem
from .schemas import Body, ListFiles, OfUser, Upload
from .videos import TENANT

blueprint = Blueprint("files", __name__, url_prefix="/api/orchestrator/files")
blueprint.before_request(only_text("file"))

_FIELDS_BYTES = 100_000  # of a form, beside its file
_COPY = 1_000_000
_AGAIN = 5  # seconds
B = TypeVar("B", bound=Body)


@blueprint.post("")
def upload() -> Response:
    """Take a file: 201, or 200 with the one that has the same content."""
    live = services()
    # Other routes take 1 MB; said before anything of the body is read.
    request.max_content_length = live.files_max_bytes + _FIELDS_BYTES
    request.max_form_memory_size = _FIELDS_BYTES
    request.max_form_parts = 20
    if request.mimetype != "multipart/form-data":
        raise WrongMediaType("send the file as multipart/form-data, with the fields userId and file")
    said = [*request.args.items(multi=True), *request.form.items(multi=True)]
    form = _checked(Upload, MultiDict((key, value) for key, value in said if value.strip()))
    given = request.files.getlist("file")
    if len(given) != 1 or set(request.files) != {"file"}:
        raise InvalidError("wrong: /file", [{"pointer": "/file", "detail": "send one file, in the field `file`"}])
    wish = Wish((TENANT, form.user_id), given[0].filename or "", form.description, form.project_id, form.campaign_id)
    with live.storage.scratch() as scratch:
        path = scratch / "upload"
        _save(given[0], path, live.files_max_bytes)
        try:
            file, new = uploads.take(live, wish, path, scratch)
        except ReadersBusy as error:
            return problem(503, error.code, error.message, headers={"Retry-After": str(_AGAIN)})
    response = answer(_body(file), 201 if new else 200)
    response.headers["Location"] = f"/api/orchestrator/files/{file.id}"
    return response


@blueprint.get("")
def list_files() -> Response:
    """A user's files, a page at a time, the newest first."""
    asked = _checked(ListFiles, request.args)
    with services().db.single() as tx:
        # One more than asked for tells whether there is a next page.
        found = files.list_files(tx, (TENANT, asked.user_id), asked.limit + 1, read_cursor(asked.cursor, read_place))
    page = found[:asked.limit]
    last = page[-1] if len(found) > len(page) else None
    return answer({"files": [_body(file) for file in page],
                   "nextCursor": write_cursor([last.created_at.isoformat(), last.id]) if last else None})


@blueprint.get("/<file_id>")
def get_file(file_id: str) -> Response:
    """One file of a user."""
    asked = _checked(OfUser, request.args)
    with services().db.single() as tx:
        file = files.get_file(tx, (TENANT, asked.user_id), file_id)
    return answer(_body(file))


@blueprint.delete("/<file_id>")
def delete_file(file_id: str) -> Response:
    """Forget a file: its text, its vectors and the file itself."""
    named = None if "userId" in request.args else user_in_body()
    asked = _checked(OfUser, MultiDict({"userId": named}) if named is not None else request.args)
    removed = uploads.remove(services(), (TENANT, asked.user_id), [file_id])
    return answer({"fileId": file_id, "removed": {
        "passages": removed.passages, "vectors": removed.vectors, "bytes": removed.bytes}})


def _save(given: FileStorage, path: Path, most: int) -> None:
    size = 0
    with path.open("wb") as out:
        while piece := given.stream.read(_COPY):
            size += len(piece)
            if size > most:
                raise FileTooLarge(f"the file is larger than {most:,} bytes")
            out.write(piece)


def _checked(body: type[B], given: MultiDict[str, str]) -> B:
    doubled = next((key for key in given if len(given.getlist(key)) > 1), None)
    if doubled is not None:
        raise InvalidError(f"wrong: /{doubled[:40]}", [{"pointer": f"/{doubled[:40]}", "detail": "given more than once"}])
    try:
        return body.model_validate(given.to_dict())
    except ValidationError as error:
        raise from_validation(error) from None


def _body(file: UserFile) -> dict[str, Any]:
    told = {key: value for key, value in file.details.items() if key != "truncated"}
    return {
        "fileId": file.id, "name": file.name, "description": file.description, "contentType": file.content_type,
        "bytes": file.bytes, "sha256": file.sha256, "passages": file.passages, "characters": 0, "words": 0, **told,
        "truncated": bool(file.details.get("truncated")), "status": "waiting" if file.waiting else "ready",
        "projectId": file.project_id, "campaignId": file.campaign_id,
        "url": f"{base_url()}/media/{file.asset_key}",
        "createdAt": moment(file.created_at)}
