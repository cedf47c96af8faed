"use strict";

// The page is whole without this: it adds keys, the choice of dark or light, and a panel's words at once.

const root = document.documentElement;

// Dark or light

const dark = matchMedia("(prefers-color-scheme: dark)");
const themeButton = document.getElementById("theme");

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

function showTheme() {
  themeButton.textContent = isDark() ? "Switch to light" : "Switch to dark";
}

function toggleTheme() {
  root.dataset.theme = isDark() ? "light" : "dark";
  showTheme();
}

themeButton.addEventListener("click", toggleTheme);
dark.addEventListener("change", showTheme);
document.querySelector(".tools").hidden = false;
showTheme();

// Going to a place: what it is in opens

function open(place) {
  for (let each = place; each; each = each.parentElement) {
    if (each.localName === "details") each.open = true;
  }
  if (place.matches(".change")) place.querySelector("details").open = true;
}

function target() {
  const name = location.hash.slice(1);
  return name ? document.getElementById(name) : null;
}

function arrive() {
  const place = target();
  if (!place) return;
  open(place);
  place.scrollIntoView();
  const first = place.matches(".change") ? place.querySelector("summary") : place;
  if (first === place && !place.hasAttribute("tabindex")) place.tabIndex = -1;
  first.focus({ preventScroll: true });
}

addEventListener("hashchange", arrive);
// A second click on the same link changes no hash.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.getAttribute("href") === location.hash) arrive();
});
if (location.hash) arrive();

// Keys

const changes = [...document.querySelectorAll(".change")];
const help = document.getElementById("help");

function current() {
  const place = document.activeElement.closest(".change");
  if (place) return changes.indexOf(place);
  // Nothing of a change has the focus: the last one above the middle of the window.
  const above = changes.filter((each) => each.getBoundingClientRect().top < innerHeight / 2 && scrollY > 0);
  return above.length - 1;
}

function go(step) {
  const now = current();
  const next = changes[Math.min(Math.max(now + step, 0), changes.length - 1)];
  if (!next) return;
  next.querySelector("summary").focus({ preventScroll: true });
  next.scrollIntoView();
}

function goTo(id) {
  const place = document.getElementById(id);
  if (!place) return;
  place.focus({ preventScroll: true });
  place.scrollIntoView();
}

const keys = {
  j: () => go(1),
  k: () => go(-1),
  r: () => goTo("risks"),
  t: toggleTheme,
  "?": () => (help.open ? help.close() : help.showModal()),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || (help.open && event.key !== "?")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.getElementById("keys").addEventListener("click", keys["?"]);

// A panel's words, for the mouse and for the keyboard

const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
tip.setAttribute("role", "tooltip");
document.body.append(tip);

function words(panel) {
  // The browser's own tip comes late, and not for the keyboard.
  if (panel.title) {
    panel.dataset.words = panel.title;
    panel.removeAttribute("title");
  }
  const type = panel.querySelector("small")?.textContent ?? "row";
  return panel.dataset.words ?? `${panel.querySelector("bdi").textContent}\n${type}, unchanged`;
}

let about = null;

function showTip(panel) {
  hideTip();
  about = panel;
  tip.textContent = words(panel);
  panel.setAttribute("aria-describedby", "tip");
  placeTip();
}

// Going to a panel with Tab scrolls, after it has the focus.
function placeTip() {
  if (!about) return;
  const at = about.getBoundingClientRect();
  tip.hidden = at.bottom < 0 || at.top > innerHeight;
  const below = at.bottom + 6 + tip.offsetHeight < innerHeight;
  tip.style.left = `${Math.max(8, Math.min(at.left, root.clientWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - tip.offsetHeight - 6)}px`;
}

function hideTip() {
  about?.removeAttribute("aria-describedby");
  about = null;
  tip.hidden = true;
}

for (const [shows, hides] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
  document.addEventListener(shows, (event) => {
    const panel = event.target.closest?.(".panel");
    if (panel) showTip(panel);
  });
  document.addEventListener(hides, hideTip);
}
addEventListener("scroll", placeTip, { passive: true });
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());

// Paper has no places to click

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const each of closed) each.open = true;
});
addEventListener("afterprint", () => {
  for (const each of closed) each.open = false;
});
