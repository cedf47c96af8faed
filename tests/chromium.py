"""A headless Chromium that opens pages from files, and what it saw of each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

__all__ = ["CONTRAST", "Chromium", "Seen", "chromium"]

CONTRAST = """
() => {
  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = ([r, g, b, a], [R, G, B]) => [
    r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1,
  ];
  const behind = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement) {
      const color = rgba(getComputedStyle(each).backgroundColor);
      layers.push(color);
      if (color[3] === 1) break;
    }
    return layers.reverse().reduce((below, color) => over(color, below), [255, 255, 255, 1]);
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = {};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.localName === "script") continue;
    const ground = behind(element);
    const color = over(rgba(getComputedStyle(element).color), ground);
    const [high, low] = [luminance(color), luminance(ground)].sort((one, other) => other - one);
    const ratio = (high + 0.05) / (low + 0.05);
    const name = `${element.localName}.${element.className} in .${element.parentElement.className}`;
    found[name] = Math.min(found[name] ?? 21, ratio);
  }
  return found;
}
"""
"""The contrast of every kind of visible text with what is behind it, as WCAG 2.2 defines it: the
lowest of each."""


@dataclass
class Seen:
    """A page, what its console said, what it asked for besides itself, and what it wanted to ask
    people."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    @property
    def active(self) -> str:
        """The text of what has the focus."""
        return " ".join(self.page.evaluate("document.activeElement.textContent").split())

    @property
    def hash(self) -> str:
        """Where in the page a link led."""
        return str(self.page.evaluate("location.hash"))

    def open_all(self) -> None:
        """Open all that can be opened."""
        self.page.evaluate(
            "document.querySelectorAll('details').forEach((each) => { each.open = true; })"
        )


class Chromium:
    """A browser that has one window for each set of options, which are those of playwright's
    contexts."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._windows: dict[str, Page] = {}
        self._opened = 0
        self._url = ""
        self._seen: Seen

    def open(self, text: str, **options: Any) -> Seen:
        """Open a page in place of the last one."""
        self._opened += 1
        file = self._folder / f"{self._opened}.html"
        file.write_text(text, encoding="utf-8")
        page = self._windows.get(str(options)) or self._window(options)
        self._windows[str(options)] = page
        self._url, self._seen = file.as_uri(), Seen(page)
        page.mouse.move(0, 0)
        page.goto(self._url)
        return self._seen

    def _window(self, options: Mapping[str, Any]) -> Page:
        page = self._browser.new_context(**options).new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self._seen.console.append(message.text))
        page.on("pageerror", lambda error: self._seen.console.append(str(error)))
        page.on("request", self._asked)
        page.on("dialog", self._answer)
        return page

    def _asked(self, request: Request) -> None:
        if request.url != self._url:
            self._seen.requests.append(request.url)

    def _answer(self, dialog: Dialog) -> None:
        self._seen.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """Chromium without a window: the smaller program that Debian has for that, if it is installed.
    Skips the test where there is none."""
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not program:
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        # As root it starts without a sandbox only; the pages are our own.
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield Chromium(browser, folder)
        finally:
            browser.close()
