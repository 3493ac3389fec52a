"""A page in the browser, and its endpoint: photos and the camera, on this machine alone.

`_create` makes the application, which `_application` puts together of what a request passes: the
`_guard`, few `_places`, and the `_endpoint` for photos, the `_catalogue` of models with their
`_cards`, or the `_page_files`. A `_body` is read within the `_limits` and taken apart by
`_multipart`; what is `_asked` for is done in threads: `_photos` are decoded and their faces cut
out, `_answers` says what these show, `_saliency` where the model looked. Answers are `_json`, and
what gets none is a `_refusal`. `_server` listens, by a `_protocol` that does not wait for ever.
Starlette and uvicorn are imported when they are needed; scikit-learn, pandas and TensorFlow never.
"""

from ferclassifier.app._create import create_app
from ferclassifier.app._limits import Limits

__all__ = ["Limits", "create_app"]
