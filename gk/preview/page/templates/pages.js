
// Pages of tables, which are as many rows as fit, and of timelines: gk.preview.kinds.pager has what turns them

const pagers = new Map(); // by what they turn the pages of: { pager, at }

// The pages, each a list of what it shows.
function pagesOf(paged) {
  const body = paged.querySelector("tbody");
  if (!body) return [...paged.children].map((sheet) => [sheet]);
  const rows = [...body.rows];
  const size = roomFor(paged);
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => rows.slice(at * size, (at + 1) * size));
}

function roomFor(paged) {
  const table = paged.querySelector("table");
  const around = (table.tHead?.offsetHeight ?? 0) + (table.tFoot?.offsetHeight ?? 0);
  const each = Number(table.tBodies[0].className.replace("row-", ""));
  return Math.max(1, Math.floor((paged.clientHeight - around) / each));
}

function turn(paged, step = 0) {
  const state = pagers.get(paged);
  const pages = pagesOf(paged);
  state.at = Math.min(Math.max(state.at + step, 0), pages.length - 1);
  pages.forEach((items, index) => items.forEach((item) => { item.hidden = index !== state.at; }));
  state.pager.hidden = false;
  const [back, on] = state.pager.querySelectorAll("button");
  back.disabled = state.at === 0;
  on.disabled = state.at === pages.length - 1;
  state.pager.querySelector("span").textContent = whereabouts(pages, state.at);
}

function whereabouts(pages, at) {
  if (pages[0][0].localName !== "tr") return `${at + 1} of ${pages.length}`;
  const before = pages.slice(0, at).flat().length;
  return `${before + 1} - ${before + pages[at].length} of ${pages.flat().length} rows`;
}

const turning = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.checkVisibility()) turn(target);
});

for (const pager of document.querySelectorAll(".pager")) {
  const paged = pager.previousElementSibling;
  pagers.set(paged, { pager, at: 0 });
  pager.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (button) turn(paged, Number(button.dataset.step));
  });
  turning.observe(paged);
}
