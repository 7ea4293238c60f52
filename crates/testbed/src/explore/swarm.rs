//! The swarm: every schedule has a mood of its own, and most moods are extreme.
//!
//! Drawn alike, schedules are alike: faults of all families hit all nodes a little. Many bugs need the opposite: the same
//! two nodes hit again and again, by two families, at one rhythm. Which, nobody knows before, so every schedule guesses.

use std::collections::BTreeMap;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::aim;
use super::repair::repair;
use crate::role::Role;
use crate::schedule::{Family, Fault, Lasts, Schedule, Weather, draw_fault_kind};

/// What a schedule leans to.
struct Mood {
    families: Vec<(Family, f64)>,
    /// How much each node or role attracts faults.
    targets: BTreeMap<String, f64>,
    /// How likely a fault hits a target of the mood instead of whom its kind would.
    sticks_to_targets: f64,
    /// How likely a fault lies in wait for a step instead of coming at a time.
    aims: f64,
    mean_gap: Duration,
    /// In session timeouts, and how far around on a logarithmic scale.
    typical_duration: f64,
    spread: f64,
    /// How likely the next fault comes close behind.
    bursts: f64,
}

impl Mood {
    fn draw(weather: &Weather<'_>, random: &mut Stream) -> Mood {
        let extreme = |random: &mut Stream| 30f64.powf(random.gen_range(-1.0..1.0));
        let mut families: Vec<Family> = weather.families.iter().copied().collect();
        families.shuffle(random);
        let kept = match families.len() {
            0..=1 => families.len(),
            // One or two more often than many.
            all => (1 + (all as f64).powf(random.gen_range(0.0..1.0)) as usize).min(all),
        };
        families.truncate(kept);
        let families = families.into_iter().map(|family| (family, extreme(random))).collect();
        let mut targets: BTreeMap<String, f64> =
            weather.roles.all().map(|node| (node.to_owned(), extreme(random).powi(2))).collect();
        for role in roles_to_hit(weather) {
            targets.insert(role.to_string(), 3.0 * extreme(random).powi(2));
        }
        // Quick: many short faults, each of which the ensemble gets over. Slow: few that outlast sessions.
        let (mean_gap, typical_duration) = match random.gen_bool(0.6) {
            true => (0.8 * 6f64.powf(random.gen_range(0.0..1.0)), 0.006 * 60f64.powf(random.gen_range(0.0..1.0))),
            false => (3.0 * 8f64.powf(random.gen_range(0.0..1.0)), 0.3 * 10f64.powf(random.gen_range(0.0..1.0))),
        };
        Mood {
            families,
            targets,
            sticks_to_targets: random.gen_range(0.0..1.0),
            aims: if random.gen_bool(0.3) { 0.0 } else { random.gen_range(0.0..0.8) },
            mean_gap: Duration::from_secs_f64(mean_gap),
            typical_duration,
            spread: random.gen_range(1.1..6.0),
            bursts: random.gen_range(0.0..0.7),
        }
    }

    fn duration(&self, weather: &Weather<'_>, random: &mut Stream) -> Duration {
        let factor = self.typical_duration * self.spread.powf(random.gen_range(-1.0..1.0));
        round(weather.session_timeout.mul_f64(factor))
    }

    fn gap(&self, random: &mut Stream) -> Duration {
        let uniform: f64 = random.gen_range(f64::EPSILON..1.0);
        let mean = if random.gen_bool(self.bursts) { self.mean_gap / 20 } else { self.mean_gap };
        mean.mul_f64(-uniform.ln()).max(Duration::from_millis(1))
    }
}

/// Roles that somebody has in this scenario at some time.
pub(super) fn roles_to_hit(weather: &Weather<'_>) -> Vec<Role> {
    let mut roles = Vec::new();
    if weather.roles.is_ensemble() {
        roles.extend([Role::Leader, Role::FOLLOWER]);
    }
    if !weather.roles.candidates.is_empty() {
        roles.push(Role::CandidateLeader);
    }
    roles
}

/// Draws a schedule.
pub(super) fn generate(weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    if weather.families.is_empty() || weather.roles.count() == 0 {
        return Schedule::default();
    }
    let mood = Mood::draw(weather, random);
    let mut faults = Vec::new();
    // The election comes first: a fault before it finds nobody.
    let mut at = Duration::from_secs_f64(random.gen_range(0.5..12.0));
    while at < weather.until {
        let &(family, _) = mood.families.choose_weighted(random, |(_, weight)| *weight).expect("there is one");
        let mut aimed = match random.gen_bool(mood.aims) {
            true => aim::draw(family, round(at), weather, random),
            false => Vec::new(),
        };
        if aimed.is_empty() {
            let kind = draw_fault_kind(family, weather, random);
            aimed.push(Fault { at: round(at), lasts: Lasts::For(mood.duration(weather, random)), kind });
        }
        for mut fault in aimed {
            if random.gen_bool(mood.sticks_to_targets) {
                aim::retarget(&mut fault.kind, &mood.targets, weather.roles, random);
            }
            faults.push(fault);
        }
        at += mood.gap(random);
    }
    repair(faults, weather.roles, weather.until)
}

/// Files hold whole milliseconds: people read and edit them.
pub(super) fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;
    use crate::parameters::Parameters;
    use crate::roles::Roles;

    fn schedules(servers: u32, families: &BTreeSet<Family>) -> Vec<Schedule> {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        let (until, session_timeout) = (Duration::from_secs(250), Duration::from_secs(6));
        let roles = Roles::election(&parameters);
        let weather = Weather { roles: &roles, families, until, session_timeout };
        let drawn: Vec<Schedule> = (0..200).map(|seed| generate(&weather, &mut Stream::seed_from_u64(seed))).collect();
        drawn.iter().for_each(|schedule| assert_eq!(schedule.validate(&roles, until), Ok(())));
        drawn
    }

    #[test]
    fn moods_differ() {
        for servers in [1, 3, 5] {
            let all = schedules(servers, &Family::ALL.into());
            let few = all.iter().filter(|schedule| schedule.families().len() <= 2).count();
            assert!((40..190).contains(&few), "{few} of 200 have two families at most");
            let (least, most) = (all.iter().map(|s| s.faults.len()).min(), all.iter().map(|s| s.faults.len()).max());
            assert!(least < Some(20) && most > Some(150), "{least:?} to {most:?} faults");
        }
    }

    #[test]
    fn only_what_is_allowed_occurs() {
        for family in Family::ALL {
            let only = BTreeSet::from([family]);
            assert!(schedules(3, &only).iter().all(|schedule| schedule.families().is_subset(&only)), "{family}");
        }
    }
}
