
// Pages of tables, which are as many rows as fit, and of timelines: gk.preview.kinds.pager has what turns them

const pagers = new Map(); // by the table or the sheets whose pages they turn: { pager, at }

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

function turn(paged, to) {
  const state = pagers.get(paged);
  const pages = pagesOf(paged);
  state.at = Math.min(Math.max(to ?? state.at, 0), pages.length - 1);
  pages.forEach((items, index) => items.forEach((item) => { item.hidden = index !== state.at; }));
  state.pager.hidden = false;
  const [back, on] = state.pager.querySelectorAll("[data-step]");
  back.disabled = state.at === 0;
  on.disabled = state.at === pages.length - 1;
  state.pager.querySelector(".numbers").replaceChildren(...numbers(pages.length, state.at).map((index) => numberOf(index, state.at)));
  state.pager.querySelector(".told").textContent = pages[0][0].localName === "tr" ? whereabouts(pages, state.at) : "";
}

// The first page, the last one, and those around the one that is shown.
function numbers(count, at) {
  const near = (index) => index === 0 || index === count - 1 || count < 9 || Math.abs(index - at) < 2;
  const shown = Array.from({ length: count }, (_, index) => index).filter(near);
  return shown.flatMap((index, rank) => (rank && index > shown[rank - 1] + 1 ? [null, index] : [index]));
}

function numberOf(index, at) {
  if (index === null) return line("span", "…");
  const button = Object.assign(line("button", String(index + 1)), { type: "button" });
  button.dataset.page = index;
  if (index === at) button.setAttribute("aria-current", "page");
  return button;
}

function whereabouts(pages, at) {
  const before = pages.slice(0, at).flat().length;
  return `${before + 1} - ${before + pages[at].length} of ${pages.flat().length} rows`;
}

const turning = new ResizeObserver((entries) => {
  for (const { target } of entries) if (target.checkVisibility()) turn(target);
});

for (const pager of document.querySelectorAll(".pager")) {
  const paged = pager.parentElement.querySelector(".table, .sheets");
  pagers.set(paged, { pager, at: 0 });
  pager.addEventListener("click", ({ target }) => {
    const { step, page } = target.closest("button")?.dataset ?? {};
    if (step) turn(paged, pagers.get(paged).at + Number(step));
    if (page) {
      turn(paged, Number(page));
      pager.querySelector("[aria-current]").focus();
    }
  });
  turning.observe(paged);
}
