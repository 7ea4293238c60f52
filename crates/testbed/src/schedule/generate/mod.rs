//! A seed makes a schedule.
//!
//! Swarm-wise: each run draws which families are on at all, how dense and how long its faults are, so that some runs
//! are all partitions and others a few long stalls. Depth comes from what is left out as much as from what is put in.
//!
//! Around a lone server faults hit nodes by their names (`draws`); around an ensemble they also hit by roles, lie in wait,
//! and damage disks (`ensemble`).

mod draws;
mod ensemble;

use std::collections::BTreeSet;
use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::{Family, Fault, FaultKind, Lasts, Schedule};
use crate::roles::Roles;
use draws::draw_kind;
use ensemble::Damage;

/// What a schedule is made for.
#[derive(Clone, Debug)]
pub struct Weather<'a> {
    /// Who can be hit.
    pub roles: &'a Roles,
    /// The families that may occur.
    pub families: &'a BTreeSet<Family>,
    /// Faults begin before this time.
    pub until: Duration,
    /// The session timeout: durations are drawn around it, for that is where elections break.
    pub session_timeout: Duration,
}

/// Makes a schedule out of a stream of random numbers.
pub fn generate(weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    let families = draw_families(weather.families, random);
    draw_faults(weather, &families, random)
}

/// Makes a schedule in which every family is on that may be, and none dominates.
pub fn generate_of_all(weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    let families: Vec<Family> = weather.families.iter().copied().collect();
    draw_faults(weather, &families, random)
}

fn draw_faults(weather: &Weather<'_>, families: &[Family], random: &mut Stream) -> Schedule {
    if families.is_empty() || weather.roles.count() == 0 {
        return Schedule::default();
    }
    // Between a fault every second and a half and one every forty seconds.
    let mean_gap = Duration::from_secs_f64(1.5 * 27f64.powf(random.gen_range(0.0..1.0)));
    let mut faults = Vec::new();
    let mut lost_for_good = 0;
    let mut damage = Damage::allowed(weather);
    let mut at = draw_gap(mean_gap, random);
    while at < weather.until {
        let family = *families.choose(random).expect("there is one family at least");
        let kind = draw_kind(family, weather, damage.is_allowed_at(at), random);
        damage.note(at, &kind);
        let mut lasts = Lasts::For(draw_duration(weather.session_timeout, random));
        let may_be_lost =
            kind.breaks_for_good().is_some_and(|node| weather.roles.candidates.iter().any(|name| name == node));
        // At least two candidates stay in the core, so that the liveness phase still sees an election.
        if may_be_lost && lost_for_good + 2 < weather.roles.candidates.len() && random.gen_bool(0.02) {
            lasts = Lasts::Forever;
            lost_for_good += 1;
        }
        if kind.is_instant() {
            lasts = Lasts::For(Duration::ZERO);
        }
        let provocation = match kind.ambush() {
            None => None,
            Some(ambush) => {
                lasts = Lasts::For(ensemble::draw_patience(weather.session_timeout, random));
                ensemble::draw_provocation(family, ambush, random)
            }
        };
        faults.push(Fault { at: round(at), lasts, kind });
        if let Some(kind) = provocation {
            let lasts = Lasts::For(draw_duration(weather.session_timeout, random));
            faults.push(Fault { at: round(at), lasts, kind });
        }
        at += draw_gap(mean_gap, random);
    }
    Schedule::new(faults)
}

/// A fault of a family, as any other, for those who put schedules together in their own way. It may be one that the rest
/// of the schedule forbids, such as one disk wiped too many.
pub(crate) fn draw_fault_kind(family: Family, weather: &Weather<'_>, random: &mut Stream) -> FaultKind {
    draw_kind(family, weather, true, random)
}

/// Each family is on in half of the runs; now and then all are, and a run without any draws again.
fn draw_families(allowed: &BTreeSet<Family>, random: &mut Stream) -> Vec<Family> {
    if allowed.is_empty() {
        return Vec::new();
    }
    if random.gen_bool(0.1) {
        return allowed.iter().copied().collect();
    }
    loop {
        let drawn: Vec<Family> = allowed.iter().copied().filter(|_| random.gen_bool(0.5)).collect();
        if !drawn.is_empty() {
            return drawn;
        }
    }
}

/// Exponential, so that faults come in clusters and leave quiet stretches.
fn draw_gap(mean: Duration, random: &mut Stream) -> Duration {
    let uniform: f64 = random.gen_range(f64::EPSILON..1.0);
    mean.mul_f64(-uniform.ln()).max(Duration::from_millis(1))
}

/// Between 30 ms and five session timeouts, evenly on a logarithmic scale; one in four right around the timeout.
pub(crate) fn draw_duration(session_timeout: Duration, random: &mut Stream) -> Duration {
    if random.gen_bool(0.25) {
        return round(session_timeout.mul_f64(random.gen_range(0.5..1.7)));
    }
    let (shortest, longest) = (0.03f64, session_timeout.as_secs_f64() * 5.0);
    let exponent: f64 = random.gen_range(0.0..1.0);
    round(Duration::from_secs_f64(shortest * (longest / shortest).powf(exponent)))
}

/// Files hold whole milliseconds: people read and edit them.
fn round(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameters::Parameters;
    use crate::schedule::{SavedRun, Step};
    use rand::SeedableRng;
    use std::path::Path;

    fn roles(servers: u32) -> Roles {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        Roles::election(&parameters)
    }

    fn schedule(servers: u32, seed: u64, families: &BTreeSet<Family>) -> Schedule {
        let (until, session_timeout) = (Duration::from_secs(250), Duration::from_secs(6));
        let weather = Weather { roles: &roles(servers), families, until, session_timeout };
        generate(&weather, &mut Stream::seed_from_u64(seed))
    }

    fn schedules(servers: u32) -> Vec<Schedule> {
        let all = BTreeSet::from(Family::ALL);
        (0..300).map(|seed| schedule(servers, seed, &all)).collect()
    }

    fn kinds(schedules: &[Schedule]) -> BTreeSet<&'static str> {
        schedules.iter().flat_map(|schedule| schedule.faults.iter().map(|fault| fault.kind.name())).collect()
    }

    #[test]
    fn every_generated_schedule_is_valid_and_survives_its_file() {
        for servers in [1, 2, 3, 4, 5, 9] {
            for (seed, schedule) in (0..).zip(schedules(servers)) {
                schedule.validate(&roles(servers), Duration::from_secs(250)).unwrap();
                let saved = SavedRun {
                    scenario: "election/docs".into(),
                    seed,
                    scheduler_seed: None,
                    parameters: vec![("servers".into(), servers.to_string())],
                    schedule,
                    reaches: Vec::new(),
                    found: None,
                    lines: Vec::new(),
                };
                let again = SavedRun::parse(&saved.to_text(), Path::new("again.toml")).unwrap();
                assert_eq!(again.schedule, saved.schedule);
            }
        }
    }

    #[test]
    fn over_some_seeds_every_kind_occurs_and_families_are_off_now_and_then() {
        for servers in [1, 3, 5] {
            let schedules = schedules(servers);
            let of_an_ensemble =
                ["cut_leader", "cut_follower", "kill_at", "blackout", "power_at", "blackout_at", "wipe", "rot", "move"];
            // Only people and explorations write those: drawing them would change what every seed means.
            let written = ["slow_one_way", "isolate_at", "pause_at", "ack_lost_at", "expire_at"];
            let drawn = FaultKind::NAMES.into_iter().filter(|name| !written.contains(name));
            let expected = drawn.filter(|name| servers > 1 || !of_an_ensemble.contains(name));
            assert_eq!(kinds(&schedules), expected.collect());
            for family in Family::ALL {
                let with = schedules.iter().filter(|schedule| schedule.families().contains(&family)).count();
                assert!((60..270).contains(&with), "{family} occurs in {with} of 300");
            }
        }
    }

    #[test]
    fn around_an_ensemble_every_step_and_every_role_is_hit() {
        let schedules = schedules(3);
        let faults = || schedules.iter().flat_map(|schedule| &schedule.faults);
        let steps: BTreeSet<Step> = faults().filter_map(|fault| Some(fault.kind.ambush()?.step)).collect();
        assert_eq!(steps, Step::ALL.into_iter().filter(|step| !step.is_of_candidates()).collect());
        let hit: BTreeSet<&str> = faults().flat_map(|fault| fault.kind.nodes()).collect();
        for role in ["@leader", "@follower", "@follower-2", "@candidate-leader", "@server"] {
            assert!(hit.contains(role), "{role}");
        }
        let single = |fault: &&Fault| matches!(fault.kind, FaultKind::Kill { .. } | FaultKind::Pause { .. });
        let all: Vec<&Fault> = faults().filter(single).collect();
        let servers = all.iter().filter(|fault| roles(3).is_server(fault.kind.nodes()[0])).count();
        assert!((all.len() / 3..all.len() * 2 / 3).contains(&servers), "{servers} of {} hit servers", all.len());
    }

    #[test]
    fn no_two_disks_forget_within_a_minute() {
        for schedule in schedules(5) {
            let damages = schedule.faults.iter().filter(|fault| fault.kind.damages().is_some());
            let times: Vec<Duration> = damages.map(|fault| fault.at).collect();
            assert!(times.len() <= 2 && times.windows(2).all(|pair| pair[1] - pair[0] >= Duration::from_secs(59)));
        }
        let both = schedules(5)
            .iter()
            .filter(|schedule| schedule.faults.iter().filter(|fault| fault.kind.damages().is_some()).count() == 2)
            .count();
        assert!(both > 10, "but now and then two do");
    }

    /// Saved commands name seeds: what a seed means must not change without need.
    #[test]
    fn for_one_server_a_seed_means_what_it_meant() {
        let all = BTreeSet::from(Family::ALL);
        let text: String = (0..100).map(|seed| format!("{:?}", schedule(1, seed, &all))).collect();
        // FNV-1a.
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        assert_eq!(hash, 1_867_854_068_537_002_294);
    }

    #[test]
    fn only_what_is_allowed_occurs() {
        for family in Family::ALL {
            let only = BTreeSet::from([family]);
            for (servers, seed) in (0..30).flat_map(|seed| [(1, seed), (3, seed)]) {
                assert!(schedule(servers, seed, &only).families().is_subset(&only));
            }
        }
        assert!(schedule(3, 1, &BTreeSet::new()).faults.is_empty());
    }
}
