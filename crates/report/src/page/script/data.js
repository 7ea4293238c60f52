// The run as it was embedded, with names for what stands at which place. Times are microseconds since the run began.

const named = (rows, ...names) => rows.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place]])));

const run = {
  ...data,
  violations: named(data.violations, "at", "node", "monitor", "message"),
  crowds: named(data.crowds, "begins", "ends", "nodes"),
  gaps: named(data.gaps, "begins", "ends", "after", "before"),
  faults: named(data.faults, "begins", "ends", "index", "family", "what", "instant"),
  entries: named(data.entries, "at", "node", "about", "weight", "words"),
  pairs: named(data.pairs, "from", "to"),
  lanes: data.lanes.map((lane) => ({
    ...lane,
    life: named(lane.life, "begins", "ends", "kind", "words"),
    belief: named(lane.belief, "begins", "ends", "term"),
    truth: named(lane.truth, "begins", "ends", "term"),
    standing: named(lane.standing, "begins", "ends", "kind", "words", "epoch"),
    session: named(lane.session, "begins", "ends", "session", "connected", "exists"),
    links: named(lane.links, "begins", "ends", "to", "from", "worse"),
    clock: named(lane.clock, "at", "offset", "rate", "strobe"),
  })),
};

const WEIGHT = { detail: 0, notable: 1, turning: 2, violation: 3 };

const nameOf = (lane) => (lane >= 0 ? run.lanes[lane].name : "");

// Which kind of conversation a pair of nodes has.
function kindOf(pair) {
  const roles = [pair.from, pair.to].map((lane) => (lane >= 0 ? run.lanes[lane].role : "node"));
  if (roles.every((role) => role === "server")) return "servers";
  if (roles.includes("resource")) return "acts";
  return "clients";
}
run.pairs.forEach((pair) => (pair.kind = kindOf(pair)));

// The messages, each as its own columns: thousands of objects would be slow.
const messages = (() => {
  const count = data.messages.length / 3;
  const at = new Float64Array(count);
  const pair = new Uint32Array(count);
  const bytes = new Uint32Array(count);
  let now = 0;
  for (let place = 0; place < count; place += 1) {
    now += data.messages[3 * place];
    at[place] = now;
    pair[place] = data.messages[3 * place + 1];
    bytes[place] = data.messages[3 * place + 2];
  }
  return { count, at, pair, bytes };
})();

// The span of a list that holds at an instant.
function during(spans, at) {
  return spans.find((span) => span.begins <= at && at < span.ends) ?? spans.find((span) => span.ends === at && at === run.ended);
}

// How far a wall clock is from true time at an instant, in microseconds.
function offsetAt(lane, at) {
  const later = firstNotBefore(lane.clock, at + 1e-9, (point) => point.at);
  if (later === 0) return { offset: 0, strobe: 0 };
  const point = lane.clock[later - 1];
  return { offset: point.offset + ((at - point.at) * point.rate) / 1e6, strobe: point.strobe };
}

