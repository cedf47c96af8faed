
// Following: the page loads itself again at each save, and is then as its reader left it

const left = JSON.parse(sessionStorage.getItem(location.pathname) ?? "null");

if (left) {
  for (const row of document.querySelectorAll("details.row")) row.open = left.open.includes(row.id);
  for (const id of left.tabs) {
    const tab = document.getElementById(id);
    if (tab) choose(tab, false);
  }
  if (left.theme) {
    root.dataset.theme = left.theme;
    showTheme();
  }
  scrollTo(0, left.top);
}

addEventListener("pagehide", () => {
  const ids = (selector) => [...document.querySelectorAll(selector)].map((each) => each.id);
  sessionStorage.setItem(location.pathname, JSON.stringify({
    open: ids("details.row[open]"),
    tabs: ids("[role=tab][aria-selected=true]"),
    theme: root.dataset.theme,
    top: scrollY,
  }));
});

new EventSource(root.dataset.follows).onmessage = () => location.reload();
