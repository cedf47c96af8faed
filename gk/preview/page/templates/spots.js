
// What a pointer finds on heatmaps and timelines: gk.preview.kinds.spots has what is where

function spotAt(spots, x, y) {
  const [start, end] = spots.range;
  const time = start + (end - start) * x;
  for (const [top, bottom, name, spans] of spots.rows) {
    if (y < top || y > bottom) continue;
    for (let index = 0, to = start; index < spans.length; index += 3) {
      const from = to + spans[index] * spots.step;
      to = from + spans[index + 1] * spots.step;
      if (from <= time && time < to) return { from, to, name, found: spots.values[spans[index + 2]] };
    }
  }
  return null;
}

function lasted(milliseconds) {
  let rest = Math.round(milliseconds / 1000);
  const parts = [];
  for (const [unit, size] of [["w", 604800], ["d", 86400], ["h", 3600], ["m", 60], ["s", 1]]) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)}${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(" ") || "0s";
}

function showSpot(event) {
  const area = event.target.closest?.(".over-time > .area");
  const sheet = area?.closest(".sheet");
  const at = sheet ? [...sheet.parentElement.children].indexOf(sheet) : 0;
  const spots = area && definitions[area.closest(".panel").id]?.spots[at];
  if (!spots) return;
  const box = area.getBoundingClientRect();
  const spot = spotAt(spots, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  if (!spot) return hideHover();
  const [from, to] = [spot.from, spot.to].map((time) => timeInFull(time, spots.zone));
  const [value, color] = spot.found;
  const until = from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to;
  hover.replaceChildren(
    line("time", `${from} to ${until}`),
    entry(color, spot.name, spots.spec ? text(value, spots.spec) : value),
    ...(spots.spec ? [] : [line("p", `for ${lasted(spot.to - spot.from)}`)]),
  );
  hoverAt(event.clientX, event.clientY);
}

document.addEventListener("pointermove", showSpot);
document.addEventListener("pointerdown", showSpot);
document.addEventListener("pointerout", (event) => {
  if (event.target.closest?.(".over-time > .area")) hideHover();
});
