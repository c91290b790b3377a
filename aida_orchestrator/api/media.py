"""Pictures, clips and films, with range requests so that browsers can seek. The key is unguessable: it is the permission."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, send_file

from ..services import Services

blueprint = Blueprint("media", __name__)

_TYPES = {".mp4": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm", ".jpg": "image/jpeg",
          ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


@blueprint.get("/media/<path:key>")
def media(key: str) -> Response:
    """One stored file; raises NotFoundError for a key that is not there."""
    services: Services = current_app.extensions["services"]
    path = services.storage.path(key)
    kind = _TYPES.get(path.suffix)
    # What is no picture and no film is never a page of ours, whatever it holds.
    response = send_file(path, mimetype=kind or "application/octet-stream", as_attachment=kind is None, conditional=True,
                         download_name=path.name, max_age=3600)
    response.headers["Cache-Control"] = "private, max-age=3600, immutable"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'; media-src 'self'; img-src 'self'"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
