"""The process that decodes one picture or PDF and makes its preview: run by path, limited before it opens the file.

It imports nothing of ours. It answers with one line of JSON and, when there is a preview, the bytes of a new picture
that carries no metadata. A decoder that crashes or takes too much ends this process and nothing else.
"""

import contextlib
import io
import json
import sys

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP", "image/bmp": "BMP"}


def limit(memory, seconds):
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        # Not every system knows every limit (macOS has no address space limit).
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def say(preview=b"", **message):
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n" + preview)
    sys.stdout.buffer.flush()


def small(picture, side):
    """A new picture of the pixels alone, as JPEG on white."""
    from PIL import Image

    picture.thumbnail((side, side))
    picture = picture.convert("RGBA")
    fresh = Image.new("RGB", picture.size, (255, 255, 255))
    fresh.paste(picture, mask=picture.getchannel("A"))
    buffer = io.BytesIO()
    fresh.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def look_at_picture(path, content_type, pixels, side):
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # the limit below is ours, and it is no warning
    with Image.open(path, formats=[FORMATS[content_type]]) as picture:
        if picture.width * picture.height > pixels:
            return say(end="pixels", width=picture.width, height=picture.height)
        picture.load()
        shown = ImageOps.exif_transpose(picture)
        return say(end="done", preview=small(shown, side))


def look_at_pdf(path, side):
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        return say(end="password" if "password" in str(error).lower() else "broken")
    if len(document) == 0:
        return say(end="broken")
    page = document[0]
    width, height = page.get_size()
    scale = side / max(width, height, 1)
    picture = page.render(scale=scale, may_draw_forms=False).to_pil()
    return say(end="done", preview=small(picture, side))


def main():
    path, content_type = sys.argv[1:3]
    memory, seconds, pixels, side = map(int, sys.argv[3:7])
    limit(memory, seconds)
    try:
        if content_type == "application/pdf":
            look_at_pdf(path, side)
        else:
            look_at_picture(path, content_type, pixels, side)
    except MemoryError:
        say(end="memory")


if __name__ == "__main__":
    main()
