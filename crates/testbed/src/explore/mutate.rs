//! Changing a schedule a little: faults are moved, split, merged, dropped, doubled, aimed at others; two schedules are
//! spliced.
//!
//! Pure: a function of the schedules and the stream. What comes out may break the rules of schedules; it is repaired
//! elsewhere.

use std::collections::BTreeMap;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::swarm::{roles_to_hit, round};
use super::{aim, repair};
use crate::schedule::{Fault, Lasts, Schedule, Weather, draw_duration, draw_fault_kind};

/// The changes there are, and how often each is made.
const CHANGES: [(Change, u32); 11] = [
    (Change::Move, 5),
    (Change::Shift, 2),
    (Change::Stretch, 3),
    (Change::Split, 1),
    (Change::Merge, 1),
    (Change::Drop, 3),
    (Change::Double, 4),
    (Change::Retarget, 4),
    (Change::Replace, 3),
    (Change::Insert, 3),
    (Change::Aim, 4),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// A fault comes earlier or later.
    Move,
    /// All faults from one on come earlier or later.
    Shift,
    /// A fault lasts longer or shorter.
    Stretch,
    /// A fault becomes two with a pause between.
    Split,
    /// A fault lasts until the end of the next one of its kind, which goes.
    Merge,
    /// A fault goes, or a stretch of them.
    Drop,
    /// A fault comes once more, or a stretch of them.
    Double,
    /// A fault hits somebody else.
    Retarget,
    /// A fault becomes another one at the same time.
    Replace,
    /// A fault is added.
    Insert,
    /// A fault that lies in wait is added.
    Aim,
}

/// Changes a schedule in one to six places; now and then its tail is that of another one.
pub(super) fn mutate(one: &Schedule, other: &Schedule, weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    let mut faults = match random.gen_bool(0.15) {
        true => splice(one, other, weather.until, random),
        false => one.faults.clone(),
    };
    let changes = 1 << random.gen_range(0..3);
    for _ in 0..changes {
        let (change, _) = CHANGES.choose_weighted(random, |(_, weight)| *weight).expect("there are changes");
        apply(*change, &mut faults, weather, random);
    }
    faults.retain(|fault| weather.families.contains(&fault.kind.family()));
    repair::repair(faults, weather.roles, weather.until)
}

/// The beginning of one schedule and the rest of another.
fn splice(one: &Schedule, other: &Schedule, until: Duration, random: &mut Stream) -> Vec<Fault> {
    let cut = until.mul_f64(random.gen_range(0.0..1.0));
    let head = one.faults.iter().filter(|fault| fault.at < cut);
    let tail = other.faults.iter().filter(|fault| fault.at >= cut);
    head.chain(tail).cloned().collect()
}

fn apply(change: Change, faults: &mut Vec<Fault>, weather: &Weather<'_>, random: &mut Stream) {
    let place = match faults.len() {
        0 => return insert(faults, weather, random),
        count => random.gen_range(0..count),
    };
    match change {
        Change::Move => faults[place].at = moved(faults[place].at, weather, random),
        Change::Shift => {
            let from = faults[place].at;
            let to = moved(from, weather, random);
            for fault in faults.iter_mut().filter(|fault| fault.at >= from) {
                fault.at = (fault.at + to).saturating_sub(from).max(Duration::from_millis(1));
            }
        }
        Change::Stretch => {
            let fault = &mut faults[place];
            if let Lasts::For(duration) = fault.lasts {
                fault.lasts = Lasts::For(match random.gen_bool(0.5) {
                    true => draw_duration(weather.session_timeout, random),
                    false => round(duration.mul_f64(3f64.powf(random.gen_range(-1.0..1.0)))),
                });
            }
        }
        Change::Split => {
            if let Lasts::For(duration) = faults[place].lasts
                && duration >= Duration::from_millis(3)
            {
                let third = duration / 3;
                faults[place].lasts = Lasts::For(round(third));
                let rest = Fault { at: round(faults[place].at + third * 2), ..faults[place].clone() };
                faults.push(rest);
            }
        }
        Change::Merge => {
            let (at, name) = (faults[place].at, faults[place].kind.name());
            let next = faults.iter().position(|fault| fault.at > at && fault.kind.name() == name);
            if let Some(next) = next
                && let Lasts::For(duration) = faults[next].lasts
                && faults[place].lasts != Lasts::Forever
            {
                faults[place].lasts = Lasts::For(faults[next].at + duration - at);
                faults.remove(next);
            }
        }
        Change::Drop => {
            let count = stretch_of(faults.len() - place, random);
            faults.drain(place..place + count);
        }
        Change::Double => {
            let count = stretch_of(faults.len() - place, random);
            let from = faults[place].at;
            let to = moved(from, weather, random);
            let again = |fault: &Fault| Fault { at: (fault.at + to).saturating_sub(from), ..fault.clone() };
            let copies: Vec<Fault> = faults[place..place + count].iter().map(again).collect();
            faults.extend(copies);
        }
        Change::Retarget => {
            let mut targets: BTreeMap<String, f64> = weather.roles.all().map(|node| (node.to_owned(), 1.0)).collect();
            targets.extend(roles_to_hit(weather).into_iter().map(|role| (role.to_string(), 3.0)));
            aim::retarget(&mut faults[place].kind, &targets, weather.roles, random);
        }
        Change::Replace => {
            let families: Vec<_> = weather.families.iter().copied().collect();
            if let Some(family) = families.choose(random) {
                let kind = draw_fault_kind(*family, weather, random);
                let lasts = Lasts::For(draw_duration(weather.session_timeout, random));
                faults[place] = Fault { at: faults[place].at, lasts, kind };
            }
        }
        Change::Insert => insert(faults, weather, random),
        Change::Aim => {
            let families: Vec<_> = weather.families.iter().copied().collect();
            if let Some(family) = families.choose(random) {
                let at = faults[place].at;
                faults.extend(aim::draw(*family, at, weather, random));
            }
        }
    }
    faults.sort_by_key(|fault| fault.at);
}

fn insert(faults: &mut Vec<Fault>, weather: &Weather<'_>, random: &mut Stream) {
    let families: Vec<_> = weather.families.iter().copied().collect();
    let Some(family) = families.choose(random) else { return };
    let near = faults.choose(random).map(|fault| fault.at);
    let at = match near {
        // What works together comes together.
        Some(near) if random.gen_bool(0.7) => moved(near, weather, random),
        _ => round(weather.until.mul_f64(random.gen_range(0.0..1.0))),
    };
    let lasts = Lasts::For(draw_duration(weather.session_timeout, random));
    faults.push(Fault { at, lasts, kind: draw_fault_kind(*family, weather, random) });
}

/// A time not far from this one, on a logarithmic scale: some milliseconds or some session timeouts away.
fn moved(at: Duration, weather: &Weather<'_>, random: &mut Stream) -> Duration {
    let longest = weather.session_timeout.as_secs_f64() * 4.0;
    let away = Duration::from_secs_f64(0.002 * (longest / 0.002).powf(random.gen_range(0.0..1.0)));
    round(if random.gen_bool(0.5) { at + away } else { at.saturating_sub(away) })
}

/// How many in a row: one mostly.
fn stretch_of(left: usize, random: &mut Stream) -> usize {
    if random.gen_bool(0.7) { 1 } else { random.gen_range(1..=left.min(8)) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;
    use crate::parameters::Parameters;
    use crate::roles::Roles;
    use crate::schedule::{Family, generate};

    const UNTIL: Duration = Duration::from_secs(250);

    fn with_weather<R>(act: impl FnOnce(&Weather<'_>) -> R) -> R {
        let (roles, families) = (Roles::election(&Parameters::standard()), BTreeSet::from(Family::ALL));
        act(&Weather { roles: &roles, families: &families, until: UNTIL, session_timeout: Duration::from_secs(6) })
    }

    #[test]
    fn every_change_changes_something_and_breaks_no_rule() {
        with_weather(|weather| {
            let mut random = Stream::seed_from_u64(1);
            for (change, _) in CHANGES {
                let mut changed = 0;
                for _ in 0..50 {
                    let before = generate(weather, &mut random);
                    let mut faults = before.faults.clone();
                    apply(change, &mut faults, weather, &mut random);
                    let after = repair::repair(faults, weather.roles, UNTIL);
                    assert_eq!(after.validate(weather.roles, UNTIL), Ok(()), "{change:?}");
                    changed += u32::from(after != before);
                }
                assert!(changed > 15, "{change:?} changed {changed} of 50");
            }
        });
    }

    #[test]
    fn a_splice_has_the_beginning_of_one_and_the_end_of_another() {
        with_weather(|weather| {
            let mut random = Stream::seed_from_u64(2);
            let (one, other) = (generate(weather, &mut random), generate(weather, &mut random));
            let spliced = splice(&one, &other, UNTIL, &mut random);
            let of_one = spliced.iter().take_while(|fault| one.faults.contains(fault)).count();
            assert!(spliced[of_one..].iter().all(|fault| other.faults.contains(fault)));
        });
    }

    #[test]
    fn the_same_stream_makes_the_same_change_and_families_stay_what_is_allowed() {
        with_weather(|weather| {
            let parent = generate(weather, &mut Stream::seed_from_u64(3));
            let child = |seed| mutate(&parent, &parent, weather, &mut Stream::seed_from_u64(seed));
            assert_eq!(child(1), child(1));
            assert!((0..20).any(|seed| child(seed) != child(1)));
            let only = BTreeSet::from([Family::Crash]);
            let narrow = Weather { families: &only, ..weather.clone() };
            let child = mutate(&parent, &parent, &narrow, &mut Stream::seed_from_u64(9));
            assert!(child.families().is_subset(&only));
        });
    }
}
