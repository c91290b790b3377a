"""Uploads through the API: what is taken, what is told of it, whose it is, and that deleting leaves nothing."""

from __future__ import annotations

import hashlib
import io
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from aida_orchestrator.api.app import create_app
from aida_orchestrator.pipeline.files import clean_name
from aida_orchestrator.store.db import Database
from tests.builders import Clock, Shared, add_film, make_services
from tests.integration.uploads import DOCX, FILES, Place, docx, pdf, png

BRIEF = "The bakery opens on Monday.\n\nShow the oven, never the till."


@pytest.fixture
def place(shared: Shared, database: Database, tmp_path: Path, clock: Clock) -> Place:
    services = make_services(shared.dsn, tmp_path, clock, files_max_bytes=1_500_000)
    return Place(create_app(services, "redis://127.0.0.1:1/0").test_client(), services, database, clock)


def locked(content: bytes, user_password: str, owner_password: str | None = None) -> bytes:
    writer, out = PdfWriter(PdfReader(io.BytesIO(content))), io.BytesIO()
    writer.encrypt(user_password, owner_password, algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


def picture(form: str) -> bytes:
    image = pytest.importorskip("PIL.Image")
    out = io.BytesIO()
    image.new("RGB", (31, 17), "teal").save(out, form)
    return out.getvalue()


def test_a_text_is_taken_and_all_is_told_of_it(place: Place) -> None:
    body = place.keep(BRIEF.encode(), "brief.txt", description="  For the bakery ")
    assert body.pop("fileId").startswith("file_")
    url = body.pop("url")
    assert body == {
        "name": "brief.txt", "description": "For the bakery", "contentType": "text/plain", "bytes": len(BRIEF),
        "sha256": hashlib.sha256(BRIEF.encode()).hexdigest(), "passages": 1, "characters": len(BRIEF), "words": 11,
        "truncated": False, "status": "waiting", "projectId": None, "campaignId": None,
        "createdAt": "2026-12-01T12:00:00.000Z"}
    assert place.client.get(url.removeprefix("http://localhost")).get_data() == BRIEF.encode()


@pytest.mark.parametrize(("name", "content", "content_type", "told"), [
    ("a", pdf(["Show the oven", "never the till"]), "application/pdf", {"pages": 2, "words": 6}),
    ("a.exe", docx(["Show the oven", "never the till"]), DOCX, {"words": 6}),
    ("note.MD", b"# Brief\n\nShow the *oven*", "text/markdown", {"words": 5}),
    ("note.pdf", b"Show the oven", "text/plain", {"words": 3}),
    ("a.txt", png(), "image/png", {"width": 8, "height": 6, "passages": 1, "characters": 0}),
])
def test_the_content_says_what_a_file_is(
    place: Place, name: str, content: bytes, content_type: str, told: dict[str, int],
) -> None:
    body = place.keep(content, name)
    assert (body["contentType"], body["name"]) == (content_type, name)
    assert {key: body[key] for key in told} == told


@pytest.mark.parametrize(("form", "content_type"), [("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("PNG", "image/png")])
def test_pictures_are_taken_with_their_size(place: Place, form: str, content_type: str) -> None:
    body = place.keep(picture(form), "look")
    assert (body["contentType"], body["width"], body["height"]) == (content_type, 31, 17)


def test_documents_are_served_to_be_saved_and_pictures_to_be_seen(place: Place) -> None:
    for content, disposition, kind in ((b"<b>Brief</b> of the bakery", "attachment", "application/octet-stream"),
                                       (pdf(["Show the oven"]), "attachment", "application/octet-stream"),
                                       (png(), "inline", "image/png")):
        answer = place.client.get(place.keep(content)["url"].removeprefix("http://localhost"))
        assert answer.headers["Content-Disposition"].split(";")[0] == disposition
        assert answer.mimetype == kind


def test_the_user_of_an_upload_may_stand_in_the_query(place: Place) -> None:
    def send(address: str, **fields: str) -> int:
        return place.client.post(address, data={"file": (io.BytesIO(BRIEF.encode()), "brief.txt"), **fields}).status_code

    assert send(f"{FILES}?userId=u1") == 201
    assert send(f"{FILES}?userId=u1", userId="u1") == 422
    assert send(f"{FILES}?user=u1", userId="u1") == 422
    (kept,) = place.listed(userId="u1")["files"]
    for named, status in (("u2", 404), ("u1", 200)):
        assert place.client.delete(f"{FILES}/{kept['fileId']}", json={"userId": named}).status_code == status


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_its_coding(place: Place, coding: str) -> None:
    file_id = place.keep("Perché «così»: caffè e pane – sempre.".encode(coding))["fileId"]
    with place.database.transaction() as tx:
        row = tx.one("SELECT content FROM user_files WHERE id = %(id)s AND passage = 1", id=file_id)
    assert row == {"content": "Perché «così»: caffè e pane – sempre."}


def test_the_same_content_again_is_the_same_file_but_not_another_users(place: Place) -> None:
    first = place.keep(BRIEF.encode())
    status, again = place.send(BRIEF.encode(), "other-name.txt")
    assert (status, again["fileId"], again["name"]) == (200, first["fileId"], "brief.txt")
    assert place.keep(BRIEF.encode(), user="u2")["fileId"] != first["fileId"]
    assert place.stored() == 2


@pytest.mark.parametrize(("given", "kept"), [
    ("../../etc/passwd", "passwd"), ("..", "file"), ("", "file"), ("/", "file"), (".env", "env"),
    ("a\u202etxt.exe", "atxt.exe"), ("<script>.md", "<script>.md"), ("caffe\u0300.txt", "caffè.txt")])
def test_a_name_is_a_name_and_leads_nowhere(place: Place, given: str, kept: str) -> None:
    status, body = place.send(BRIEF.encode(), given)
    assert (status, body["name"]) == (201, kept)
    (path,) = [path for path in place.services.storage.folder.rglob("*") if path.is_file()]
    assert path.parent == place.services.storage.folder / body["fileId"]


@pytest.mark.parametrize(("content", "name", "status", "says"), [
    (b"", "a.txt", 422, "empty"),
    (b" \n\n ", "a.txt", 422, "no text"),
    (b"words", "n" * 201, 422, "longer than 200"),
    (b"GIF89a\x01\0\x01\0\0\0\0;", "a.png", 415, "pdf, docx, txt, md, png, jpeg, webp"),
    (b"MZ\x90\0\x03\0", "a.docx", 415, "pdf, docx"),
    (b"<!DOCTYPE html><html>words</html>", "a.txt", 415, "pdf, docx"),
    (b"{\\rtf1 words}", "a.txt", 415, "pdf, docx"),
    (b"\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0", "a.txt", 422, "UTF-8"),
    (docx(["words"], main=f"{DOCX}.macroEnabled.main+xml"), "a.docx", 415, "pdf"),
    (docx(["words"])[:-40], "a.docx", 422, "broken"),
    (docx(xml=b"<w:document"), "a.docx", 422, "broken"),
    (docx([]), "a.docx", 422, "no text"),
    (b"%PDF-1.7\nwords and no more", "a.pdf", 422, "broken"),
    (pdf([""]), "scan.pdf", 422, "OCR"),
    (locked(pdf(["secret"]), "pass"), "a.pdf", 422, "password"),
    (png().replace(b"IDATx", b"IDATy"), "a.png", 422, "broken"),
    (png()[:40], "a.png", 422, "broken"),
    (b"x" * 1_500_001, "a.txt", 413, "1,500,000 bytes"),
])
def test_what_is_not_taken_is_refused_with_why_and_leaves_nothing(
    place: Place, content: bytes, name: str, status: int, says: str,
) -> None:
    found, body = place.send(content, name)
    assert (found, says in body["detail"]) == (status, True), body
    assert (place.count("user_files"), place.stored()) == (0, 0)


def test_a_pdf_that_is_only_locked_against_printing_is_read(place: Place) -> None:
    assert place.keep(locked(pdf(["Show the oven"]), "", "owner"), "a.pdf")["words"] == 3


def test_a_path_of_windows_is_no_name() -> None:
    assert clean_name("C:\\briefs\\my  brief.txt") == "my brief.txt"


def test_files_may_be_larger_than_other_bodies_and_other_bodies_no_larger(place: Place) -> None:
    assert place.keep(b"word " * 240_000)["bytes"] == 1_200_000
    answer = place.client.post("/api/orchestrator/create-video", json={"userId": "u1", "message": "x" * 1_200_000})
    assert (answer.status_code, answer.get_json()["detail"]) == (413, "the body is larger than 1 MB")
    assert place.send(b"x" * 1_700_000)[0] == 413


@pytest.mark.parametrize(("fields", "status", "pointer"), [
    ({"userId": ""}, 422, "/userId"), ({"userId": "a b"}, 422, "/userId"), ({"color": "red"}, 422, "/color"),
    ({"description": "x" * 2001}, 422, "/description"), ({"description": "a\0b"}, 422, "/description"),
    ({"projectId": "proj_none"}, 404, None), ({"campaignId": "camp_none"}, 404, None), ({"projectId": ""}, 201, None)])
def test_fields_are_checked(place: Place, fields: dict[str, str], status: int, pointer: str | None) -> None:
    answer = place.client.post(FILES, data={"userId": "u1", "file": (io.BytesIO(b"words"), "a.txt"), **fields})
    assert answer.status_code == status
    if pointer:
        assert answer.get_json()["errors"][0]["pointer"] == pointer


def test_a_body_that_is_no_form_with_one_file_is_refused(place: Place) -> None:
    assert place.client.post(FILES, json={"userId": "u1"}).status_code == 415
    assert place.client.post(FILES, data={"userId": "u1"}, content_type="multipart/form-data").status_code == 422
    two = {"userId": "u1", "file": [(io.BytesIO(b"a"), "a.txt"), (io.BytesIO(b"b"), "b.txt")]}
    assert place.client.post(FILES, data=two).status_code == 422
    cut_off = b"--x\r\nContent-Disposition: form-data; name=\"userId\"\r\n\r\nu1"
    answer = place.client.post(FILES, data=cut_off, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 422


def test_a_file_of_a_project_is_only_taken_from_its_owner(place: Place) -> None:
    project = add_film(place.database).project_id
    assert place.keep(b"words", projectId=project)["projectId"] == project
    assert place.send(b"other words", user="u2", projectId=project)[0] == 404


def test_pages_of_files_follow_each_other_the_newest_first(place: Place) -> None:
    made = []
    for number in range(5):
        made.append(place.keep(f"words {number}".encode())["fileId"])
        place.clock.advance(60 if number != 2 else 0)  # two of the same moment
    place.keep(b"words", user="u2")
    seen, cursor = [], None
    for _ in range(3):
        page = place.listed(limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["files"]
        cursor = page["nextCursor"]
    assert cursor is None
    assert sorted(file["fileId"] for file in seen) == sorted(made)
    assert [file["createdAt"] for file in seen] == sorted((file["createdAt"] for file in seen), reverse=True)
    assert datetime.fromisoformat(seen[0]["createdAt"]) > datetime.fromisoformat(seen[-1]["createdAt"])
    assert place.listed(userId="nobody") == {"files": [], "nextCursor": None}


@pytest.mark.parametrize("query", ["", "userId=", "userId=u1&limit=0", "userId=u1&limit=x", "userId=u1&limit=201",
                                   "userId=u1&cursor=x", "userId=u1&cursor=W10", "userId=u1&page=2", "userId=u1&userId=u2",
                                   "userId=a%00b"])
def test_a_wrong_query_is_said(place: Place, query: str) -> None:
    assert place.client.get(f"{FILES}?{query}").status_code == 422


def test_nobody_sees_or_deletes_the_file_of_another(place: Place) -> None:
    address = f"{FILES}/{place.keep(b'words')['fileId']}"
    for call in (place.client.get, place.client.delete):
        assert call(f"{address}?userId=u2").status_code == 404
        assert call(f"{FILES}/file_none?userId=u1").status_code == 404
        assert call(f"{FILES}/file%00?userId=u1").status_code == 404
        assert call(address).status_code == 422
    assert place.client.get(f"{address}?userId=u1").get_json()["name"] == "brief.txt"


def test_deleting_says_what_was_removed_and_leaves_nothing(place: Place) -> None:
    kept, gone = place.keep(b"kept words"), place.keep(pdf(["Show the oven"]), "a.pdf")
    answer = place.client.delete(f"{FILES}/{gone['fileId']}?userId=u1")
    assert (answer.status_code, answer.get_json()) == (200, {"fileId": gone["fileId"], "removed": {
        "passages": 1, "vectors": 0, "bytes": gone["bytes"]}})
    assert [file["fileId"] for file in place.listed()["files"]] == [kept["fileId"]]
    assert place.stored() == 1
    assert place.client.get(gone["url"].removeprefix("http://localhost")).status_code == 404
    assert place.client.delete(f"{FILES}/{gone['fileId']}?userId=u1").status_code == 404
    assert place.keep(pdf(["Show the oven"]), "a.pdf")["fileId"] != gone["fileId"]
