//! What goes wrong in a test.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use host::random::Stream;

use super::beside;
use crate::error::UserError;
use crate::roles::Roles;
use crate::schedule::{Family, Fault, SavedRun, Schedule, Weather, generate, generate_of_all};

/// Makes faults: a function of who is there, of when faults end, and of a stream of random numbers. Of nothing else, or a
/// seed does not mean the same twice.
///
/// Every function of that shape is one:
///
/// ```
/// use interregnum::schedule::{Fault, FaultKind, Lasts};
/// use interregnum::{Faults, secs};
///
/// // The first candidate stalls again and again, always for ten seconds.
/// let stalls = Faults::made_by(|roles: &interregnum::Roles, until, _: &mut interregnum::Stream| {
///     let node = roles.candidates[0].clone();
///     let stall = |at| Fault { at, lasts: Lasts::For(secs(10)), kind: FaultKind::Pause { node: node.clone() } };
///     (1..).map(|round| secs(25 * round)).take_while(|at| *at < until).map(stall).collect()
/// });
/// ```
pub trait Generator: Send + Sync {
    /// The faults of one run, in any order. Each begins before `until`.
    fn faults(&self, roles: &Roles, until: Duration, random: &mut Stream) -> Vec<Fault>;
}

impl<F> Generator for F
where
    F: Fn(&Roles, Duration, &mut Stream) -> Vec<Fault> + Send + Sync,
{
    fn faults(&self, roles: &Roles, until: Duration, random: &mut Stream) -> Vec<Fault> {
        self(roles, until, random)
    }
}

/// What goes wrong in a test.
#[derive(Clone)]
pub struct Faults(Source);

#[derive(Clone)]
enum Source {
    /// Each run draws which of these families are on.
    Swarm(BTreeSet<Family>),
    /// All families are on in every run.
    All,
    File(PathBuf),
    Generator(Arc<dyn Generator>),
}

impl Faults {
    /// Every run draws which families of faults are on, how dense they are and how long they last: some runs are all
    /// partitions, others a few long stalls. What finds most; what is meant unless something else is said.
    pub fn swarm() -> Faults {
        Faults(Source::Swarm(BTreeSet::from(Family::ALL)))
    }

    /// All families are on in every run.
    pub fn all() -> Faults {
        Faults(Source::All)
    }

    /// Nothing goes wrong.
    pub fn none() -> Faults {
        Faults(Source::Swarm(BTreeSet::new()))
    }

    /// As [`Faults::swarm`], with these families alone.
    pub fn only(families: impl IntoIterator<Item = Family>) -> Faults {
        Faults(Source::Swarm(families.into_iter().collect()))
    }

    /// The schedule in a file, in every run; its path is relative to the directory of the test's package. Of the file only
    /// the faults are used: a failure that was kept, or one that was written by hand.
    pub fn schedule_file(file: impl AsRef<Path>) -> Faults {
        Faults(Source::File(file.as_ref().to_owned()))
    }

    /// Faults of your own making.
    pub fn made_by(generator: impl Generator + 'static) -> Faults {
        Faults(Source::Generator(Arc::new(generator)))
    }

    /// The families that may occur.
    pub(crate) fn families(&self) -> BTreeSet<Family> {
        match &self.0 {
            Source::Swarm(families) => families.clone(),
            Source::All | Source::File(_) | Source::Generator(_) => BTreeSet::from(Family::ALL),
        }
    }

    /// The schedule that a stream of random numbers makes.
    ///
    /// # Errors
    /// If the file cannot be read, or a fault does not fit the bed.
    pub(crate) fn schedule(
        &self,
        weather: &Weather<'_>,
        directory: &Path,
        random: &mut Stream,
    ) -> Result<Schedule, UserError> {
        let Weather { roles, until, .. } = *weather;
        let families = weather.families.iter().copied().filter(|family| can_hit(*family, roles)).collect();
        let weather = &Weather { families: &families, ..weather.clone() };
        match &self.0 {
            Source::Swarm(_) => Ok(generate(weather, random)),
            Source::All => Ok(generate_of_all(weather, random)),
            Source::File(file) => {
                let file = beside(directory, file);
                let saved = SavedRun::load(&file)?;
                let valid = saved.schedule.validate(roles, until);
                valid.map_err(|(place, error)| saved.mistake_at_fault(&file, place, &error))?;
                Ok(saved.schedule)
            }
            Source::Generator(generator) => {
                let schedule = Schedule::new(generator.faults(roles, until, random));
                schedule.validate(roles, until).map_err(|(place, error)| {
                    let kind = &schedule.faults[place].kind;
                    UserError::Mismatch(format!("fault {} of the generator ({kind}): {error}", place + 1))
                })?;
                Ok(schedule)
            }
        }
    }
}

/// Whether there is anything in the bed that faults of this family could hit.
fn can_hit(family: Family, roles: &Roles) -> bool {
    match family {
        Family::Session => !roles.servers.is_empty() && !roles.candidates.is_empty(),
        Family::Partition | Family::Link => roles.count() > 1,
        Family::Disk => !roles.servers.is_empty() || !roles.resources.is_empty(),
        Family::Crash | Family::Power | Family::Pause | Family::Clock => true,
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Swarm(families) => formatter.debug_tuple("Swarm").field(families).finish(),
            Source::All => formatter.write_str("All"),
            Source::File(file) => formatter.debug_tuple("File").field(file).finish(),
            Source::Generator(_) => formatter.write_str("Generator"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};

    use super::*;
    use crate::schedule::{FaultKind, Lasts};
    use crate::secs;

    fn schedule(faults: &Faults, directory: &Path, seed: u64) -> Result<Schedule, UserError> {
        let name = |name: &str| name.to_owned();
        let roles = Roles {
            servers: vec![name("zk1"), name("zk2"), name("zk3")],
            candidates: vec![name("a"), name("b"), name("c")],
            resources: vec![name("vault")],
        };
        let families = faults.families();
        let weather = Weather { roles: &roles, families: &families, until: secs(200), session_timeout: secs(6) };
        faults.schedule(&weather, directory, &mut Stream::seed_from_u64(seed))
    }

    fn here(faults: &Faults, seed: u64) -> Schedule {
        schedule(faults, Path::new("."), seed).expect("it fits")
    }

    #[test]
    fn each_way_makes_what_it_says() {
        assert!((0..20).all(|seed| here(&Faults::none(), seed).faults.is_empty()));
        let only = Faults::only([Family::Pause, Family::Crash]);
        let seen: BTreeSet<Family> = (0..20).flat_map(|seed| here(&only, seed).families()).collect();
        assert_eq!(seen, BTreeSet::from([Family::Pause, Family::Crash]));
        let on = |faults: &Faults| -> usize { (0..60).map(|seed| here(faults, seed).families().len()).sum() };
        assert!(on(&Faults::all()) > on(&Faults::swarm()) * 5 / 4, "all are on more often than some");
        assert_eq!(here(&Faults::swarm(), 7), here(&Faults::swarm(), 7));
        assert_ne!(here(&Faults::swarm(), 7), here(&Faults::swarm(), 8));
    }

    #[test]
    fn what_has_nobody_to_hit_is_left_out() {
        let roles = Roles { candidates: vec!["a".to_owned()], ..Roles::default() };
        let families = Faults::all().families();
        let weather = Weather { roles: &roles, families: &families, until: secs(200), session_timeout: secs(6) };
        let schedules =
            (0..20).map(|seed| Faults::all().schedule(&weather, Path::new("."), &mut Stream::seed_from_u64(seed)));
        let seen: BTreeSet<Family> = schedules.flat_map(|schedule| schedule.expect("it fits").families()).collect();
        assert_eq!(seen, BTreeSet::from([Family::Crash, Family::Power, Family::Pause, Family::Clock]));
    }

    fn kill(node: &str, at: Duration) -> Fault {
        Fault { at, lasts: Lasts::For(secs(5)), kind: FaultKind::Kill { node: node.to_owned() } }
    }

    #[test]
    fn a_generator_is_asked_with_the_stream_of_the_run_and_its_faults_are_put_in_order() {
        let faults = Faults::made_by(|roles: &Roles, until: Duration, random: &mut Stream| {
            let node = &roles.candidates[random.gen_range(0..roles.candidates.len())];
            vec![kill(node, until - secs(1)), kill("a", secs(1))]
        });
        let made = here(&faults, 1);
        assert_eq!(made.faults[0], kill("a", secs(1)));
        assert_eq!(made.faults[1].at, secs(199));
        let nodes: BTreeSet<String> = (0..20).map(|seed| here(&faults, seed).faults[1].kind.to_string()).collect();
        assert_eq!(nodes.len(), 3, "{nodes:?}");
    }

    #[test]
    fn a_generator_that_names_nobody_is_told_so() {
        let wrong =
            Faults::made_by(|_: &Roles, _: Duration, _: &mut Stream| vec![kill("a", secs(1)), kill("d", secs(2))]);
        let error = schedule(&wrong, Path::new("."), 1).expect_err("there is no `d`");
        assert_eq!(error.to_string(), "fault 2 of the generator (kill d): there is no node `d`");
    }

    #[test]
    fn a_file_is_found_beside_the_test_and_its_mistakes_have_a_place() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("cut.toml");
        let text = "format = 1\nscenario = \"mine\"\nseed = 1\n[[fault]]\nat = \"9s\"\nlasts = \"1s\"\nkind = \"isolate\"\nnode = \"NODE\"\n";
        std::fs::write(&file, text.replace("NODE", "b")).expect("it is written");
        let faults = Faults::schedule_file("cut.toml");
        let read = schedule(&faults, directory.path(), 1).expect("it fits");
        assert_eq!(read.faults.len(), 1);
        assert_eq!(read, schedule(&faults, directory.path(), 2).expect("it fits"), "whatever the seed");
        std::fs::write(&file, text.replace("NODE", "q")).expect("it is written");
        let error = schedule(&faults, directory.path(), 1).expect_err("there is no `q`").to_string();
        assert!(error.ends_with("cut.toml:4: there is no node `q`"), "{error}");
        let missing = schedule(&Faults::schedule_file("none.toml"), directory.path(), 1).expect_err("it is not there");
        assert!(missing.to_string().contains("none.toml"), "{missing}");
    }
}
