"""What a page may cost: queries (shell included, alike for few and 120 rows) and bytes. The only place that holds these
numbers."""

LIST_QUERIES = 11  # the eleventh reads custom fields, rules of fields and layouts
RECORD_QUERIES = 15
BOARD_QUERIES = 15
REPORT_QUERIES = 20
QUALITY_QUERIES = 11

# Bytes after gzip, DESIGN.md section 10.
HTML_BYTES = 25_000
LOGIN_HTML_BYTES = 5_000
CSS_BYTES = 45_000
JS_BYTES = 45_000
BOARD_JS_BYTES = 60_000
FONT_BYTES = 50_000
