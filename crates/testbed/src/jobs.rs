//! Several things at a time, on threads of their own; what comes of them is handed out in their order, so that nobody can
//! tell how many threads there were.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::mpsc;

/// Works on all items, `jobs` at a time; `each` sees the results in the order of the items, and may break off. Then nothing
/// more is begun, and what is under way is of no interest.
pub(crate) fn in_order<Item: Send, Result: Send, Break>(
    items: impl IntoIterator<Item = Item, IntoIter: Send>,
    jobs: usize,
    work: impl Fn(Item) -> Result + Sync,
    mut each: impl FnMut(Result) -> ControlFlow<Break>,
) -> ControlFlow<Break> {
    let items = Mutex::new(items.into_iter().enumerate());
    let next = || items.lock().expect("nobody panics while taking the next").next();
    let (sender, results) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..jobs.max(1) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                while let Some((place, item)) = next() {
                    // A receiver that is gone has seen enough.
                    if sender.send((place, work(item))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut due = 0;
        // By value: whoever breaks off lets the receiver go, before the threads are waited for.
        for (place, result) in results {
            early.insert(place, result);
            while let Some(result) = early.remove(&due) {
                due += 1;
                each(result)?;
            }
        }
        ControlFlow::Continue(())
    })
}

/// The same, to the end: all results in the order of the items.
pub(crate) fn all_in_order<Item: Send, Result: Send>(
    items: impl IntoIterator<Item = Item, IntoIter: Send>,
    jobs: usize,
    work: impl Fn(Item) -> Result + Sync,
) -> Vec<Result> {
    let mut all = Vec::new();
    let whole: ControlFlow<()> = in_order(items, jobs, work, |result| {
        all.push(result);
        ControlFlow::Continue(())
    });
    debug_assert!(whole.is_continue(), "nobody breaks off");
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items_whoever_is_done_first() {
        let ten_times = |item: u64| item * 10;
        for jobs in [0, 1, 3, 20] {
            assert_eq!(all_in_order(0..12, jobs, ten_times), (0..12).map(ten_times).collect::<Vec<_>>());
            assert!(all_in_order(0..0, jobs, ten_times).is_empty());
        }
        let (done, is_done) = mpsc::channel();
        let is_done = Mutex::new(is_done);
        let last_first = |item: u64| match item {
            0 => is_done.lock().unwrap().recv().expect("the last is done"),
            4 => done.send(40).map(|()| 4).expect("the first waits for it"),
            _ => item,
        };
        assert_eq!(all_in_order(0..5, 2, last_first), [40, 1, 2, 3, 4]);
    }

    /// It would take forever to do all.
    #[test]
    fn whoever_breaks_off_sees_nothing_more_and_nothing_more_is_begun() {
        let mut seen = Vec::new();
        let broken = in_order(
            0..u64::MAX,
            3,
            |item| item,
            |item| {
                seen.push(item);
                if item == 4 { ControlFlow::Break("enough") } else { ControlFlow::Continue(()) }
            },
        );
        assert_eq!((broken, seen), (ControlFlow::Break("enough"), vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn a_panic_is_not_swallowed() {
        let work = |item: u64| assert_ne!(item, 3, "three");
        std::panic::catch_unwind(|| all_in_order(0..6, 2, work)).expect_err("one of them panicked");
    }
}
