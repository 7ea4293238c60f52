//! The attribute `#[interregnum::test]`: it makes a test out of a function that describes a bed.
//!
//! All it does is to write down who calls whom: the work is done by `interregnum::attribute`. What is wrong with its
//! options is said where they stand, with the nearest right name.

mod expand;
mod features;
mod options;

use proc_macro::TokenStream;

/// Makes a test over many seeds out of a function that describes a bed.
///
/// ```ignore
/// #[interregnum::test(seeds = 200)]
/// async fn never_two_schedulers(bed: Testbed) {
///     // …
///     bed.run_for(minutes(5)).await;
/// }
/// ```
///
/// | option | what it is | unless said |
/// |---|---|---|
/// | `seeds` | how many seeds, from 0, or a range of them | 100 |
/// | `servers` | how many servers the coordination service has; the body finds it by `bed.service()` | none |
/// | `tick` | the service's unit of time, a `Duration` | two seconds |
/// | `session_timeout` | around what faults last, a `Duration` | six seconds |
/// | `faults` | a `Faults` | `Faults::swarm()` |
/// | `checks` | a list of monitors | none |
/// | `minutes`, `seconds` | how long a run is, in place of `run_for` in the body, which need not be `async` then | |
/// | `determinism` | whether each run is executed twice and compared | `false` |
/// | `jobs` | how many runs at a time | one for each core |
/// | `shrink` | in how many runs at most a failing schedule is made small; 0 leaves it as it is | 300 |
/// | `save` | where schedules that fail are kept, from the package's directory | `target/interregnum` |
///
/// `MADSIM_TEST_SEED`, `MADSIM_TEST_NUM`, `MADSIM_TEST_JOBS` and `MADSIM_TEST_CHECK_DETERMINISM` have the last word.
/// `INTERREGNUM_SCHEDULE=FILE` replays a schedule that was kept.
///
/// The function takes one argument, the `Testbed`, and returns nothing or a `Result`. It only describes what is in the
/// bed: it is called anew for every run, and more than once.
#[proc_macro_attribute]
pub fn test(options: TokenStream, item: TokenStream) -> TokenStream {
    expand::expand(options.into(), item.into()).unwrap_or_else(|error| error.into_compile_error()).into()
}
