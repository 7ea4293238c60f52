//! Moods: what a schedule leans to. Most are extreme.
//!
//! Drawn alike, schedules are alike: faults of all families hit all nodes a little. Many bugs need the opposite: the same
//! two nodes hit again and again, by two families, at one rhythm. Which, nobody knows before, so every schedule guesses;
//! and a guess that reached something rare is worth another schedule, in the same mood or in one that is a little different.
//!
//! A mood is a function of the seeds of its *lineage*: the first draws it, each of the others changes one of its traits. So
//! it is kept as a few numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::swarm::{roles_to_hit, round};
use crate::schedule::{Family, Weather};

/// The seeds that make a mood, the oldest first.
pub type Lineage = Vec<u64>;

/// Outweighs all other targets together.
const PREY: f64 = 10_000.0;

/// A lineage longer than this begins anew with its latest seed: old moods differ from young ones in nothing but length.
const LONGEST_LINEAGE: usize = 12;

/// What a schedule leans to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mood {
    pub(super) families: Vec<(Family, f64)>,
    /// How much each node or role attracts faults.
    pub(super) targets: BTreeMap<String, f64>,
    /// How likely a fault hits a target of the mood instead of whom its kind would.
    pub(super) sticks_to_targets: f64,
    /// How likely a fault lies in wait for a step instead of coming at a time.
    pub(super) aims: f64,
    pace: Pace,
    /// How likely the next fault comes close behind.
    bursts: f64,
}

/// How often faults come and how long they last.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pace {
    mean_gap: Duration,
    /// In session timeouts, and how far around on a logarithmic scale.
    typical_duration: f64,
    spread: f64,
}

impl Mood {
    /// The mood of a lineage.
    pub(super) fn of(lineage: &[u64], weather: &Weather<'_>) -> Mood {
        let mut seeds = lineage.iter().map(|seed| host::random::derive(*seed, "mood"));
        let mut mood = Mood::draw(weather, &mut seeds.next().unwrap_or_else(|| host::random::derive(0, "mood")));
        seeds.for_each(|mut random| mood.change(weather, &mut random));
        mood
    }

    fn draw(weather: &Weather<'_>, random: &mut Stream) -> Mood {
        Mood {
            families: draw_families(weather, random),
            targets: draw_targets(weather, random),
            sticks_to_targets: random.gen_range(0.0..1.0),
            aims: draw_aims(random),
            pace: Pace::draw(random),
            bursts: random.gen_range(0.0..0.7),
        }
    }

    /// Changes one trait.
    fn change(&mut self, weather: &Weather<'_>, random: &mut Stream) {
        match random.gen_range(0..7) {
            0 => self.families = draw_families(weather, random),
            1 => {
                // One family more, or another weight for one that is there.
                let all: Vec<Family> = weather.families.iter().copied().collect();
                if let Some(family) = all.choose(random) {
                    self.families.retain(|(other, _)| other != family);
                    self.families.push((*family, extreme(random)));
                }
            }
            2 => self.targets = draw_targets(weather, random),
            3 => self.sticks_to_targets = random.gen_range(0.0..1.0),
            4 => self.aims = draw_aims(random),
            5 => self.pace = Pace::draw(random),
            _ => self.bursts = random.gen_range(0.0..0.7),
        }
    }

    pub(super) fn duration(&self, weather: &Weather<'_>, random: &mut Stream) -> Duration {
        let factor = self.pace.typical_duration * self.pace.spread.powf(random.gen_range(-1.0..1.0));
        round(weather.session_timeout.mul_f64(factor))
    }

    pub(super) fn gap(&self, random: &mut Stream) -> Duration {
        let uniform: f64 = random.gen_range(f64::EPSILON..1.0);
        let mean = if random.gen_bool(self.bursts) { self.pace.mean_gap / 20 } else { self.pace.mean_gap };
        mean.mul_f64(-uniform.ln()).max(Duration::from_millis(1))
    }
}

/// The lineage of a mood that is a little different from this one.
pub(super) fn descend(lineage: &[u64], random: &mut Stream) -> Lineage {
    let seed = random.gen_range(0..1 << 48);
    if lineage.len() >= LONGEST_LINEAGE {
        return vec![seed];
    }
    lineage.iter().copied().chain([seed]).collect()
}

impl Pace {
    fn draw(random: &mut Stream) -> Pace {
        // Quick: many short faults, each of which the ensemble gets over. Slow: few that outlast sessions.
        let (mean_gap, typical_duration) = match random.gen_bool(0.6) {
            true => (0.8 * 6f64.powf(random.gen_range(0.0..1.0)), 0.006 * 60f64.powf(random.gen_range(0.0..1.0))),
            false => (2.0 * 14f64.powf(random.gen_range(0.0..1.0)), 0.3 * 10f64.powf(random.gen_range(0.0..1.0))),
        };
        let spread = random.gen_range(1.1..6.0);
        Pace { mean_gap: Duration::from_secs_f64(mean_gap), typical_duration, spread }
    }
}

fn extreme(random: &mut Stream) -> f64 {
    30f64.powf(random.gen_range(-1.0..1.0))
}

fn draw_families(weather: &Weather<'_>, random: &mut Stream) -> Vec<(Family, f64)> {
    let mut families: Vec<Family> = weather.families.iter().copied().collect();
    families.shuffle(random);
    let kept = match families.len() {
        0..=1 => families.len(),
        // One or two more often than many.
        all => (1 + (all as f64).powf(random.gen_range(0.0..1.0)) as usize).min(all),
    };
    families.into_iter().take(kept).map(|family| (family, extreme(random))).collect()
}

fn draw_targets(weather: &Weather<'_>, random: &mut Stream) -> BTreeMap<String, f64> {
    let mut targets: BTreeMap<String, f64> =
        weather.roles.all().map(|node| (node.to_owned(), extreme(random).powi(2))).collect();
    let roles = roles_to_hit(weather);
    for role in &roles {
        targets.insert(role.to_string(), 3.0 * extreme(random).powi(2));
    }
    // Who leads is where elections break: every other mood is after one of those who have a role, whoever it is.
    if let Some(prey) = roles.choose(random).filter(|_| random.gen_bool(0.5)) {
        targets.insert(prey.to_string(), PREY);
    }
    targets
}

fn draw_aims(random: &mut Stream) -> f64 {
    if random.gen_bool(0.3) { 0.0 } else { random.gen_range(0.0..0.8) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;

    use super::*;
    use crate::parameters::Parameters;
    use crate::roles::Roles;

    #[test]
    fn a_descendant_differs_in_one_trait() {
        let (roles, families) = (Roles::election(&Parameters::standard()), BTreeSet::from(Family::ALL));
        let session_timeout = Duration::from_secs(6);
        let weather = Weather { roles: &roles, families: &families, until: Duration::from_secs(200), session_timeout };
        let random = &mut Stream::seed_from_u64(1);
        for seed in 0..40 {
            let parent = Mood::of(&[seed], &weather);
            assert_eq!(parent, Mood::of(&[seed], &weather));
            let child = Mood::of(&descend(&[seed], random), &weather);
            let traits = [
                child.families != parent.families,
                child.targets != parent.targets,
                child.sticks_to_targets != parent.sticks_to_targets,
                child.aims != parent.aims,
                child.pace != parent.pace,
                child.bursts != parent.bursts,
            ];
            // To have no aim is drawn often, and may be drawn again.
            assert!(traits.iter().filter(|differs| **differs).count() <= 1, "{traits:?}");
        }
    }

    #[test]
    fn lineages_end() {
        let random = &mut Stream::seed_from_u64(2);
        let mut lineage = vec![7];
        for _ in 0..100 {
            lineage = descend(&lineage, random);
            assert!((1..=LONGEST_LINEAGE).contains(&lineage.len()));
        }
    }
}
