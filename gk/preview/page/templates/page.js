
// Dark or light

const dark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

function showTheme() {
  themeButton.textContent = isDark() ? "Light" : "Dark";
  themeButton.setAttribute("aria-label", isDark() ? "Switch to light" : "Switch to dark");
  repaint();
}

function toggleTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  showTheme();
}

themeButton.addEventListener("click", toggleTheme);
dark.addEventListener("change", showTheme);
document.querySelector(".tools").hidden = false;

// Tabs

function choose(tab, focus = true) {
  for (const each of tab.parentElement.children) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
}

for (const list of document.querySelectorAll("[role=tablist]")) {
  const tabs = [...list.children];
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("[role=tab]");
    if (tab) choose(tab);
  });
  list.addEventListener("keydown", (event) => {
    const at = tabs.indexOf(event.target.closest("[role=tab]"));
    const to = { Home: 0, End: tabs.length - 1 }[event.key] ?? (at + steps[event.key] + tabs.length) % tabs.length;
    if (at < 0 || Number.isNaN(to)) return;
    event.preventDefault();
    choose(tabs[to]);
  });
}

// Arriving at a place opens what it is in

function arrive() {
  const place = document.getElementById(location.hash.slice(1) || "board1");
  if (!place) return;
  for (let each = place; each; each = each.parentElement) {
    if (each.localName === "details") each.open = true;
    const tab = each.hidden && document.getElementById(each.getAttribute("aria-labelledby"));
    if (tab) choose(tab, false);
  }
  place.scrollIntoView();
}

addEventListener("hashchange", arrive);

// A link to a dashboard of the page, or of one beside it, leads there. Several links of a value are a menu.

function placeOf(link) {
  const uid = /^\/d\/([^/?#]+)/.exec(link.getAttribute("href"))?.[1];
  const board = [...document.querySelectorAll(".board")].find((each) => encodeURIComponent(each.dataset.uid) === uid);
  const other = [...document.querySelectorAll(".others a")].find((each) => each.getAttribute("href") === `/${uid}`);
  return board ? `#${board.id}` : other?.href;
}

const menu = document.createElement("div");
menu.popover = "auto";
menu.className = "tip links";
document.body.append(menu);

// The page is of no Grafana: an address without a server leads to none.
function leadsNowhere(link) {
  return /^\/(?!\/)/.test(link.getAttribute("href")) && !link.closest(".others");
}

function explain(link) {
  menu.replaceChildren(line("span", "This leads to another page of Grafana. A context of gk.yaml with grafana: says where that is."));
  menu.showPopover();
  putAt(menu, link.getBoundingClientRect());
}

function offer(link) {
  menu.replaceChildren(...JSON.parse(link.dataset.links).map(([title, href, isApart]) =>
    Object.assign(line("a", title), { href, target: isApart ? "_blank" : "", rel: "noopener noreferrer" })));
  menu.showPopover();
  putAt(menu, link.getBoundingClientRect());
  menu.firstChild.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link) return;
  const place = placeOf(link);
  if (!link.dataset.links && !place && !leadsNowhere(link)) return;
  event.preventDefault();
  if (link.dataset.links) return offer(link);
  if (!place) return explain(link);
  link.closest("[popover]")?.hidePopover();
  if (location.hash === place) arrive();
  else location.assign(place);
});

// Popovers are beside their button

document.addEventListener("toggle", (event) => {
  const tip = event.target;
  if (event.newState !== "open" || !tip.matches?.("[popover]")) return;
  const button = document.querySelector(`[popovertarget="${tip.id}"]`);
  if (button) putAt(tip, button.getBoundingClientRect());
}, true);

function putAt(tip, { left, top, bottom }) {
  Object.assign(tip.style, { position: "fixed", margin: "0", inset: "auto" });
  placeAt(tip, left, bottom + 4, top - 4);
}

function placeAt(element, left, below, above = below) {
  const [wide, high] = [element.offsetWidth, element.offsetHeight];
  const top = below + high + 8 < innerHeight ? below : Math.max(8, above - high);
  element.style.left = `${Math.max(8, Math.min(left, root.clientWidth - wide - 8))}px`;
  element.style.top = `${top}px`;
}

// Tables

function sortBy(head) {
  const table = head.closest("table");
  const column = [...head.parentElement.children].indexOf(head);
  const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
  for (const each of head.parentElement.children) each.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const body = table.tBodies[0];
  body.append(...[...body.rows].sort((one, other) => sign * compared(keyOf(one, column), keyOf(other, column))));
  const paged = table.parentElement;
  if (pagers.has(paged)) turn(paged);
}

function keyOf(row, column) {
  const cell = row.cells[column];
  return cell?.dataset.value ?? cell?.textContent.trim() ?? "";
}

// Empty cells are first, then numbers, then texts.
function compared(one, other) {
  const [a, b] = [Number(one), Number(other)];
  if (one === "" || other === "") return (one !== "") - (other !== "");
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return Number.isNaN(a) - Number.isNaN(b) || (one < other ? -1 : one > other ? 1 : 0);
}

for (const head of document.querySelectorAll("table.sortable thead th")) {
  head.tabIndex = 0;
  head.addEventListener("click", () => sortBy(head));
  head.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    sortBy(head);
  });
}

for (const button of document.querySelectorAll(".zoom")) {
  button.addEventListener("click", () => zoom(button.closest(".board"), null));
}

// Keys

const help = document.getElementById("help");

function go(step) {
  const panels = [...document.querySelectorAll(".panel")].filter((each) => each.checkVisibility());
  if (!panels.length) return;
  const at = panels.indexOf(document.activeElement.closest(".panel"));
  // Nothing of a panel has the focus: the first one below the top of the window.
  const now = at < 0 ? panels.findIndex((each) => each.getBoundingClientRect().top > 40) - (step > 0) : at;
  const next = panels[Math.min(Math.max(now + step, 0), panels.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  t: toggleTheme,
  "?": () => (help.open ? help.close() : help.showModal()),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (help.open && event.key !== "?")) return;
  if (event.key === "Escape") {
    if (unpin()) return;
    hideHover();
    return resetZoom();
  }
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.getElementById("keys").addEventListener("click", keys["?"]);

showTheme();
if (location.hash) arrive();
start();
