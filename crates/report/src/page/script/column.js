// The text beside the drawing, in step with it.

const column = byId("lines");
let chosen = null;
let shown = [];
const rows = new Map();
let inView = [0, 0];

function fillColumn() {
  const least = byId("details").checked ? WEIGHT.detail : WEIGHT.notable;
  shown = run.entries.map((_, place) => place).filter((place) => run.entries[place].weight >= least);
  rows.clear();
  const items = shown.map((place) => {
    const entry = run.entries[place];
    const button = make("button", "", make("time", "", (entry.at / 1e6).toFixed(3)), make("span", "who", nameOf(entry.node)),
      make("span", "words", entry.words));
    button.type = "button";
    // One stop for the tabulator key, not hundreds: within the column the arrow keys go from line to line.
    button.tabIndex = -1;
    button.addEventListener("click", () => choose(place, false));
    const item = make("li", `${entry.about} weight-${entry.weight}`, button);
    rows.set(place, button);
    return item;
  });
  // What is out of sight costs nothing, where there is so much that it would.
  column.classList.toggle("many", items.length > 1000);
  column.replaceChildren(...items);
  inView = [0, 0];
  follow(true);
}

// Marks the lines of what is in view, and scrolls to the first of them unless the reader is in the column.
function follow(scrolls) {
  const key = (place) => run.entries[place].at;
  const first = firstNotBefore(shown, view.from, key);
  const last = firstNotBefore(shown, view.to, key);
  const mark = (from, to, isIn) => {
    for (let at = from; at < to; at += 1) rows.get(shown[at])?.classList.toggle("in", isIn);
  };
  mark(inView[0], inView[1], false);
  mark(first, last, true);
  inView = [first, last];
  if (!scrolls || column.matches(":hover") || column.contains(document.activeElement)) return;
  const target = rows.get(chosen !== null && rows.has(chosen) && key(chosen) >= view.from && key(chosen) <= view.to ? chosen : shown[first]);
  if (target) column.scrollTop = target.parentElement.offsetTop - column.clientHeight / 3;
}

// Chooses an event: the drawing moves to it, and its line stands out. Said aloud if it was chosen in the drawing.
function choose(place, isAloud) {
  if (chosen !== null) rows.get(chosen)?.classList.remove("chosen");
  chosen = place;
  const entry = run.entries[place];
  rows.get(place)?.classList.add("chosen");
  bringIntoView(entry.at);
  if (column.contains(document.activeElement)) rows.get(place)?.scrollIntoView({ block: "nearest" });
  const lane = layout.lanes[entry.node];
  const paragraphs = [describeEntry(entry)];
  if (entry.node >= 0) paragraphs.push(make("p", "", make("span", "at", "Then: "), standingAt(entry.node, entry.at)));
  showTip(paragraphs, xOf(entry.at), lane ? lane.top + 12 : layout.faultTop + ROW);
  if (isAloud) byId("told").textContent = tip.textContent;
}

// The event after or before the one chosen, or else after or before the middle of what is in view.
function step(by) {
  if (!shown.length) return;
  const middle = firstNotBefore(shown, (view.from + view.to) / 2, (place) => run.entries[place].at);
  const now = chosen === null ? -1 : shown.indexOf(chosen);
  const next = now < 0 ? middle + (by < 0 ? -1 : 0) : now + by;
  choose(shown[clamp(next, 0, shown.length - 1)], true);
}

column.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});

