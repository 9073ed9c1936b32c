"""The demo's attached files: an offer in two versions, a photograph, notes; made when the demo is."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from crm.attachments import attach, check


def offer(version: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    canvas.setFont("Helvetica-Bold", 22)
    canvas.drawString(72, 740, "Quotation: CT maintenance, three years")
    canvas.setFont("Helvetica", 12)
    for place, line in enumerate(("Spruce Industries", version, "On-site within 4 hours", "Spare parts included")):
        canvas.drawString(72, 700 - 22 * place, line)
    canvas.save()
    return buffer.getvalue()


def photograph() -> bytes:
    """A machine on a floor, drawn."""
    picture = Image.new("RGB", (960, 540), (214, 222, 232))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 400, 960, 540), fill=(150, 158, 170))
    pen.ellipse((330, 120, 690, 480), fill=(240, 243, 247), outline=(90, 100, 120), width=6)
    pen.ellipse((440, 230, 580, 370), fill=(60, 70, 90))
    pen.rectangle((120, 330, 470, 380), fill=(42, 91, 215))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


SAMPLES = (
    ("维保报价单.pdf", lambda: offer("Version 1: CNY 540,000")),
    ("维保报价单.pdf", lambda: offer("Version 2: CNY 511,000")),
    ("机房现场.jpg", photograph),
    ("Site notes.txt", lambda: "CT 机房层高 2.9 m，承重已确认。\nThe door is 1.2 m wide.".encode()),
)


def attach_samples(model, record, actor):
    for name, content in SAMPLES:
        checked = check(SimpleUploadedFile(name, content()))
        try:
            attach(model, record, checked, actor=actor)
        finally:
            checked.close()
