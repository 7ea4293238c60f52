//! The swarm: schedules drawn each in a mood.

use std::time::Duration;

use host::random::Stream;
use rand::Rng;
use rand::seq::SliceRandom;

use super::aim;
use super::mood::Mood;
use super::repair::repair;
use crate::role::Role;
use crate::schedule::{Fault, Lasts, Schedule, Weather, draw_fault_kind};

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

/// Draws a schedule in this mood.
pub(super) fn generate(mood: &Mood, weather: &Weather<'_>, random: &mut Stream) -> Schedule {
    if mood.families.is_empty() || weather.roles.count() == 0 {
        return Schedule::default();
    }
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
    use crate::schedule::Family;

    fn schedules(servers: u32, families: &BTreeSet<Family>) -> Vec<Schedule> {
        let mut parameters = Parameters::standard();
        parameters.set("servers", &servers.to_string()).unwrap();
        let (until, session_timeout) = (Duration::from_secs(250), Duration::from_secs(6));
        let roles = Roles::election(&parameters);
        let weather = Weather { roles: &roles, families, until, session_timeout };
        let drawn: Vec<Schedule> = (0..200)
            .map(|seed| {
                let random = &mut Stream::seed_from_u64(seed);
                generate(&Mood::of(&[seed], &weather), &weather, random)
            })
            .collect();
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
