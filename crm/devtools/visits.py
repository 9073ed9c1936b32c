"""`dev.py check`: logs in as each demo user like a browser would, opens the first page, and says how long it took."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

LOGIN = "accounts/login/"


class Visitor:
    """A browser without screen: cookies, forms, redirects."""

    def __init__(self, address):
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path):
        return self.read(urllib.request.Request(self.address + path))

    def post(self, path, fields):
        request = urllib.request.Request(self.address + path, urllib.parse.urlencode(fields).encode())
        request.add_header("Referer", self.address + path)
        return self.read(request)

    def read(self, request):
        """(status, final path, text)"""
        try:
            with self.opener.open(request, timeout=60) as answer:
                path = urllib.parse.urlsplit(answer.url).path
                return answer.status, path, answer.read().decode()
        except urllib.error.HTTPError as problem:
            return problem.code, urllib.parse.urlsplit(problem.url).path, problem.read().decode(errors="replace")


def visit(address, username, password):
    """Log in through the page and open the first page; the text of what went wrong, or None."""
    visitor = Visitor(address)
    status, _, text = visitor.get(LOGIN)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    if status != 200 or not token:
        return f"the login page answers {status}"
    fields = {"csrfmiddlewaretoken": token.group(1), "login": username, "password": password}
    status, path, text = visitor.post(LOGIN, fields)
    if status != 200 or path.endswith(LOGIN):
        return f"the login is refused (status {status})"
    status, path, text = visitor.get("")
    if status != 200 or "</html>" not in text:
        return f"{path} answers {status}"
    return None
