//! What the page draws, as compact JSON: lists in place of objects where there are many, times in whole microseconds.
//!
//! The script `data.js` reads exactly this, and names what stands at which place.

use history::{NodeName, Time};
use serde_json::{Value, json};

use crate::distribution::{Distribution, milliseconds};
use crate::story::{CutOff, Entry, Lane, Life, Messages, Span, Standing, Story, Weight};
use crate::subject::Subject;

/// So many details are kept besides what is worth reading, those nearest to the focus.
const MOST_DETAILS: usize = 20_000;

/// So many single times a plot can hold; of more, only quantiles.
const MOST_TIMES: usize = 20_000;

fn micros(at: Time) -> u64 {
    at.as_nanos() / 1_000
}

/// Names by their place among the lanes.
struct Places<'a>(Vec<&'a NodeName>);

impl Places<'_> {
    fn of(&self, name: &NodeName) -> i64 {
        self.0.iter().position(|known| *known == name).and_then(|place| i64::try_from(place).ok()).unwrap_or(-1)
    }
}

/// All that is drawn of a run.
pub(super) fn of_run(subject: &Subject, story: &Story) -> Value {
    let places = Places(story.lanes.iter().map(|lane| &lane.name).collect());
    let place = |name: Option<&NodeName>| name.map_or(-1, |name| places.of(name));
    let (entries, left_out) = entries(story, subject.focus());
    let violations: Vec<Value> = subject
        .violations
        .iter()
        .map(|violation| {
            let at = micros(violation.at.min(subject.ended));
            json!([at, place(violation.node.as_ref()), violation.monitor, violation.message])
        })
        .collect();
    let times = Distribution::new(subject.failovers.clone(), 1);
    json!({
        "scenario": subject.scenario,
        "seed": subject.seed.to_string(),
        "parameters": subject.parameters,
        "command": subject.command,
        "versions": subject.versions,
        "trace": subject.trace,
        "verdict": subject.verdict,
        "panic": subject.panic,
        "violations": violations,
        "ended": micros(subject.ended),
        "length": micros(Time::after_start(subject.length)),
        "focus": micros(subject.focus()),
        "liveness": story.liveness.map(micros),
        "lanes": story.lanes.iter().map(|lane| self::lane(lane, &places)).collect::<Vec<_>>(),
        "crowds": story.crowds.iter().map(|crowd| {
            json!([micros(crowd.begins), micros(crowd.ends), crowd.what.iter().map(|name| places.of(name)).collect::<Vec<_>>()])
        }).collect::<Vec<_>>(),
        "gaps": story.interregna.iter().map(|gap| {
            json!([micros(gap.begins), gap.ends.map(micros), places.of(&gap.after), place(gap.before.as_ref())])
        }).collect::<Vec<_>>(),
        "faults": story.faults.iter().map(|came| {
            json!([micros(came.begins), came.ends.map(micros), came.index, came.family, came.what, u8::from(came.is_instant)])
        }).collect::<Vec<_>>(),
        "neverCame": story.never_came.len(),
        "entries": entries.iter().map(|entry| {
            json!([micros(entry.at), place(entry.node.as_ref()), entry.about.name(), entry.weight as u8, entry.words])
        }).collect::<Vec<_>>(),
        "entriesLeftOut": left_out,
        "pairs": story.messages.pairs.iter().map(|(from, to)| json!([places.of(from), places.of(to)])).collect::<Vec<_>>(),
        "messages": messages(&story.messages),
        "messagesLeftOut": story.messages.all - story.messages.kept.len(),
        "times": self::times(&times),
    })
}

/// The times without a leader, over one run or many.
pub(super) fn times(times: &Distribution) -> Value {
    let all = times.sorted();
    let length = |part| times.quantile(part).map(milliseconds);
    let shown: Vec<f64> = if all.len() <= MOST_TIMES {
        all.iter().map(|length| (milliseconds(*length) * 1_000.0).round() / 1_000.0).collect()
    } else {
        (0..MOST_TIMES).filter_map(|part| length(part as f64 / (MOST_TIMES - 1) as f64)).collect()
    };
    json!({
        "count": all.len(),
        "runs": times.runs(),
        "median": length(0.5),
        "p99": length(0.99),
        "longest": length(1.0),
        "sorted": shown,
        "classes": times.classes().iter().map(|class| json!([class.from, class.to, class.count])).collect::<Vec<_>>(),
    })
}

fn lane(lane: &Lane, places: &Places<'_>) -> Value {
    json!({
        "name": lane.name.as_str(),
        "role": lane.role,
        "life": spans(&lane.life, |life| vec![json!(match life {
            Life::Runs => "runs",
            Life::Paused => "paused",
            Life::Exited => "exited",
            Life::Killed => "killed",
            Life::WithoutPower => "unpowered",
        }), json!(life.words())]),
        "belief": spans(&lane.beliefs, |term| vec![json!(term.to_string())]),
        "truth": spans(&lane.truths, |term| vec![json!(term.to_string())]),
        "standing": spans(&lane.standings, |standing| vec![json!(match standing {
            Standing::Looking => "looks",
            Standing::Prepares { .. } => "prepares",
            Standing::Leads { .. } => "leads",
            Standing::Joins { .. } => "joins",
            Standing::Follows { .. } => "follows",
        }), json!(standing.to_string()), json!(standing.epoch())]),
        "session": spans(&lane.sessions, |held| {
            vec![json!(format!("{:#x}", held.session)), json!(u8::from(held.connected)), json!(u8::from(held.exists))]
        }),
        "links": spans(&lane.links, |off| cut_off(off, places)),
        "clock": lane.clock.iter().map(|offset| {
            json!([micros(offset.at), offset.nanoseconds / 1_000, offset.rate, offset.strobe / 1_000])
        }).collect::<Vec<_>>(),
    })
}

fn cut_off(off: &CutOff, places: &Places<'_>) -> Vec<Value> {
    let list =
        |names: &std::collections::BTreeSet<NodeName>| names.iter().map(|name| places.of(name)).collect::<Vec<_>>();
    let worse: Vec<Value> = off.worse.iter().map(|(name, words)| json!([places.of(name), words])).collect();
    vec![json!(list(&off.to)), json!(list(&off.from)), json!(worse)]
}

fn spans<T>(spans: &[Span<T>], what: impl Fn(&T) -> Vec<Value>) -> Value {
    let one = |span: &Span<T>| {
        let mut list = vec![json!(micros(span.begins)), json!(micros(span.ends))];
        list.extend(what(&span.what));
        Value::Array(list)
    };
    Value::Array(spans.iter().map(one).collect())
}

/// Three numbers a message: microseconds since the one before, the pair, the bytes.
fn messages(messages: &Messages) -> Vec<u64> {
    let mut numbers = Vec::with_capacity(messages.kept.len() * 3);
    let mut before = 0;
    for message in &messages.kept {
        let at = micros(message.at);
        numbers.extend([at - before, u64::from(message.pair), u64::from(message.bytes)]);
        before = at;
    }
    numbers
}

/// What is worth reading, and details as far as there is room; and how many are left out.
fn entries(story: &Story, focus: Time) -> (Vec<&Entry>, usize) {
    let all: Vec<&Entry> = story.entries.iter().collect();
    let details = all.iter().filter(|entry| entry.weight == Weight::Detail).count();
    let Some(too_many) = details.checked_sub(MOST_DETAILS).filter(|too_many| *too_many > 0) else { return (all, 0) };
    let mut distances: Vec<std::time::Duration> =
        all.iter().filter(|entry| entry.weight == Weight::Detail).map(|entry| away(entry, focus)).collect();
    distances.sort_unstable();
    let limit = distances[MOST_DETAILS - 1];
    let mut room = MOST_DETAILS;
    let kept = all.into_iter().filter(|entry| {
        let is_detail = entry.weight == Weight::Detail;
        if is_detail && (away(entry, focus) > limit || room == 0) {
            return false;
        }
        room -= usize::from(is_detail);
        true
    });
    (kept.collect(), too_many)
}

fn away(entry: &Entry, focus: Time) -> std::time::Duration {
    focus.since(entry.at).max(entry.at.since(focus))
}
