// What is under the pointer, in words: the event there, and how the node stood at that instant.

const tip = byId("tip");

function laneAt(y) {
  return layout.lanes.findIndex((lane) => y >= lane.top && y < lane.top + lane.height);
}

// The event nearest to a place in a lane, if one is near enough to be meant.
function entryAt(x, lane) {
  const reach = 7;
  let best = null;
  let nearest = reach + 1;
  const closeUp = view.to - view.from < 4e6;
  for (let at = firstNotBefore(run.entries, timeAt(x - reach), (entry) => entry.at); at < run.entries.length; at += 1) {
    const entry = run.entries[at];
    const away = Math.abs(xOf(entry.at) - x);
    if (xOf(entry.at) > x + reach) break;
    if (entry.node !== lane || (entry.weight === WEIGHT.detail && !closeUp)) continue;
    // Of events close together the weightier is meant.
    if (away - 2 * entry.weight < nearest) {
      nearest = away - 2 * entry.weight;
      best = at;
    }
  }
  return best;
}

function arrowAt(x, y) {
  const near = arrows.filter((message) => Math.abs(xOf(messages.at[message]) - 2.5 - x) < 5);
  return near.find((message) => {
    const pair = run.pairs[messages.pair[message]];
    const ends = [layout.lanes[pair.from].bar, layout.lanes[pair.to].bar];
    return y >= Math.min(...ends) - 4 && y <= Math.max(...ends) + 4;
  });
}

const names = (lanes) => lanes.map(nameOf).join(", ");

// How a node stands at an instant.
function standingAt(place, at) {
  const lane = run.lanes[place];
  const parts = [];
  const life = during(lane.life, at);
  if (life && life.kind !== "runs") parts.push(life.words);
  const standing = during(lane.standing, at);
  if (standing) parts.push(standing.words);
  const belief = during(lane.belief, at);
  const truth = during(lane.truth, at);
  if (belief && truth) parts.push(`leads, and believes it (term ${belief.term})`);
  else if (belief) parts.push(`believes to lead (term ${belief.term}); in truth it does not`);
  else if (truth) parts.push(`its znode leads in truth (term ${truth.term}); it does not believe it`);
  const session = during(lane.session, at);
  if (session) {
    const state = session.connected ? "connected" : "disconnected";
    parts.push(`session ${session.session}, ${state}${session.exists ? "" : ", over for the service"}`);
  }
  const links = during(lane.links, at);
  if (links?.to.length) parts.push(`cannot reach ${names(links.to)}`);
  if (links?.from.length) parts.push(`cannot hear ${names(links.from)}`);
  links?.worse.forEach(([other, words]) => parts.push(`link with ${nameOf(other)}: ${words}`));
  const { offset, strobe } = offsetAt(lane, at);
  if (Math.abs(offset) >= 1000) parts.push(`wall clock ${offset < 0 ? "behind" : "ahead"} by ${lengthOf(Math.abs(offset) / 1000)}`);
  if (strobe) parts.push(`wall clock jumps by ${lengthOf(Math.abs(strobe) / 1000)}`);
  return parts.length ? parts.join("; ") : "runs";
}

function describeEntry(entry) {
  const paragraph = make("p", entry.about === "violation" ? "broken" : "", make("span", "at", `${instant(entry.at)} `));
  paragraph.append(entry.node >= 0 ? `${nameOf(entry.node)} ${entry.words}` : entry.words);
  return paragraph;
}

// The paragraphs that tell what is at a place; none if nothing is.
function tellAt(x, y) {
  if (x < layout.label || x > layout.width - layout.right) return [];
  const at = timeAt(x);
  const told = [];
  const arrow = arrowAt(x, y);
  if (arrow !== undefined) {
    const pair = run.pairs[messages.pair[arrow]];
    told.push(make("p", "", make("span", "at", `${instant(messages.at[arrow], 6)} `),
      `${nameOf(pair.to)} reads ${messages.bytes[arrow]} bytes from ${nameOf(pair.from)}`));
  }
  if (y >= layout.faultTop && y < layout.gapTop) {
    const row = Math.floor((y - layout.faultTop) / ROW);
    const fault = run.faults.filter((fault) => fault.row === row && x >= xOf(fault.begins) - 3 && x <= Math.max(xOf(fault.until), xOf(fault.begins) + 60) + 3).pop();
    if (fault) {
      const until = fault.instant ? "" : fault.ends === null ? ", for good" : ` to ${instant(fault.ends)}`;
      told.push(make("p", "", make("span", "at", `${instant(fault.begins)}${until} `), `fault ${fault.index}, ${fault.family}: ${fault.what}`));
    }
  } else if (y >= layout.gapTop && y < layout.lanesTop) {
    const crowd = run.crowds.find((crowd) => x >= xOf(crowd.begins) - 4 && x <= xOf(crowd.ends) + 4);
    const gap = run.gaps.find((gap) => x >= xOf(gap.begins) - 2 && x <= xOf(gap.ends ?? run.ended) + 2);
    if (crowd) told.push(make("p", "broken", `${names(crowd.nodes)} believe to lead at once, from ${instant(crowd.begins)} to ${instant(crowd.ends)}`));
    if (gap) {
      const next = gap.ends === null ? "nobody was elected any more" : `${nameOf(gap.before)} was elected at ${instant(gap.ends)}`;
      told.push(make("p", "", `No leader since ${nameOf(gap.after)} stopped at ${instant(gap.begins)}: ${next} (${lengthOf(((gap.ends ?? run.ended) - gap.begins) / 1000)})`));
    }
  }
  const lane = laneAt(y);
  if (lane >= 0) {
    const entry = entryAt(x, lane);
    if (entry !== null) told.push(describeEntry(run.entries[entry]));
    if (at >= 0 && at <= run.ended) told.push(make("p", "", make("span", "at", `${nameOf(lane)} at ${instant(at)}: `), standingAt(lane, at)));
  }
  return told;
}

function showTip(paragraphs, x, y) {
  tip.hidden = paragraphs.length === 0;
  if (tip.hidden) return;
  tip.replaceChildren(...paragraphs);
  const left = clamp(x + 14, 8, Math.max(canvas.clientWidth - tip.offsetWidth - 8, 8));
  const below = y + 18;
  const top = below + tip.offsetHeight > canvas.clientHeight ? y - tip.offsetHeight - 12 : below;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(top, 4)}px`;
}

