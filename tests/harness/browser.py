"""A user in front of a browser, as far as forms and redirects go: no script is run."""
import re
import urllib.parse

import requests


class Browser:
    def __init__(self) -> None:
        self.http = requests.Session()
        self.visited: list[str] = []

    def walk(self, url: str, stop: str, login: str, refuse: bool = False) -> str:
        """Follows redirects and answers login and consent until a URL begins with `stop`."""
        answer = self._get(url)
        for _ in range(30):
            location = answer.headers.get('Location')
            if location:
                url = urllib.parse.urljoin(url, location)
                if url.startswith(stop):
                    return url
                answer = self._get(url)
                continue
            assert answer.status_code == 200, f'{url}: {answer.status_code} {answer.text[:500]}'
            url, answer = self._answer(url, answer.text, login, refuse)
        raise AssertionError(f'no end: {self.visited}')

    def _get(self, url: str) -> requests.Response:
        self.visited.append(url)
        return self.http.get(url, allow_redirects=False, timeout=20)

    def _answer(self, url: str, page: str, login: str, refuse: bool):
        if refuse:
            link = re.search(r'href="([^"]*abort[^"]*)"', page)
            assert link, page
            url = urllib.parse.urljoin(url, link.group(1))
            return url, self._get(url)
        form = re.search(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.S)
        assert form, page
        fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="(\w+)"',
                                 form.group(2)))
        fields |= {'login': login, 'password': 'any'} if fields.get('prompt') == 'login' else {}
        url = urllib.parse.urljoin(url, form.group(1))
        self.visited.append(url)
        return url, self.http.post(url, data=fields, allow_redirects=False, timeout=20)
