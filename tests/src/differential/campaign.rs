//! Many cases from one seed; what differs is made small.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::compare::Difference;
use super::operation::{Step, count};
use super::pair::Pair;
use super::strategy::steps;

/// How many steps a case has at most.
const STEPS: usize = 60;

/// How often a case that differs is made smaller, at most.
const SHRINKS: usize = 600;

/// A case that differs, made small.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed.
    pub seed: u64,
    /// The smallest sequence that was found.
    pub steps: Vec<Step>,
    /// What it shows.
    pub difference: Difference,
}

/// Runs cases until so many operations are done. How many that were, or what differed.
///
/// # Errors
/// The first difference.
///
/// # Panics
/// If a server cannot be driven any more.
pub fn run(pair: &mut Pair, seed: u64, operations: usize) -> Result<usize, Box<Found>> {
    let mut runner = runner(seed);
    let cases = steps(STEPS);
    let mut done = 0;
    while done < operations {
        let mut case = cases.new_tree(&mut runner).expect("nothing is rejected");
        let drawn = case.current();
        done += count(&drawn);
        if let Some(difference) = drive(pair, &drawn) {
            let found = Found { seed, steps: drawn, difference };
            return Err(Box::new(shrink(&mut case, found, SHRINKS, |steps| drive(pair, steps))));
        }
    }
    Ok(done)
}

fn drive(pair: &mut Pair, steps: &[Step]) -> Option<Difference> {
    pair.run(steps).unwrap_or_else(|error| panic!("{error}, with {}", super::past::line(steps)))
}

/// Runs cases until so many operations are done, also behind those that differ; each kind of difference is made small
/// once. How many cases showed each, and the small one.
///
/// # Panics
/// If a server cannot be driven any more.
pub fn survey(pair: &mut Pair, seed: u64, operations: usize, kinds: &mut BTreeMap<String, (usize, Found)>) {
    let mut runner = runner(seed);
    let cases = steps(STEPS);
    let mut done = 0;
    while done < operations {
        let mut case = cases.new_tree(&mut runner).expect("nothing is rejected");
        let drawn = case.current();
        done += count(&drawn);
        let Some(difference) = drive(pair, &drawn) else { continue };
        let kind = difference.kind(&drawn);
        if let Some((count, _)) = kinds.get_mut(&kind) {
            *count += 1;
            continue;
        }
        let is_it = |steps: &[Step]| drive(pair, steps).filter(|difference| difference.kind(steps) == kind);
        let found = shrink(&mut case, Found { seed, steps: drawn, difference }, SHRINKS / 4, is_it);
        kinds.insert(kind, (1, found));
    }
}

fn runner(seed: u64) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng)
}

/// As `TestRunner` does: simpler while it differs, a little less simple when it does not.
fn shrink(
    case: &mut impl ValueTree<Value = Vec<Step>>,
    first: Found,
    most: usize,
    mut differs: impl FnMut(&[Step]) -> Option<Difference>,
) -> Found {
    let mut smallest = first;
    let mut goes_on = case.simplify();
    for _ in 0..most {
        if !goes_on {
            break;
        }
        let steps = case.current();
        goes_on = match differs(&steps) {
            Some(difference) => {
                smallest = Found { steps, difference, ..smallest };
                case.simplify()
            }
            None => case.complicate(),
        };
    }
    smallest
}
