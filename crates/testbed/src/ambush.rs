//! Faults that lie in wait: the hand is told when their step comes, strikes, and lets go.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;

use history::{NodeName, Time};
use host::sim::World;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::hand::Hand;
use crate::lookout::Lookout;
use crate::schedule::{Schedule, Step};

/// What is to be done with a fault whose step has come.
enum Due {
    Strike,
    Release,
}

/// Strikes and lets go for as long as it is polled. Without a fault that lies in wait it is never woken.
pub(crate) async fn strike_and_release(
    world: &World,
    schedule: &Schedule,
    hand: &RefCell<Hand>,
    lookout: &Lookout,
) -> Infallible {
    let is_of_syncs = |step: Step| matches!(step, Step::Fsync | Step::JoiningFsync);
    let mut ambushes = schedule.faults.iter().filter_map(|fault| fault.kind.ambush());
    let waits_for_syncs = ambushes.any(|ambush| is_of_syncs(ambush.step));
    let mut syncs = waits_for_syncs.then(|| world.disks().syncs());
    let mut due: BTreeMap<(Time, usize, NodeName), Due> = BTreeMap::new();
    loop {
        tokio::select! {
            biased;
            () = lookout.called() => {}
            node = next_sync(&mut syncs) => lookout.sync_begins(&node),
            () = wait_until(world, due.first_key_value().map(|((at, ..), _)| *at)) => {}
        }
        for sprung in lookout.take_sprung() {
            if let Some(ambush) = hand.borrow().ambush(sprung.place) {
                due.insert((world.now() + ambush.after, sprung.place, sprung.node), Due::Strike);
            }
        }
        while let Some(entry) = due.first_entry().filter(|entry| entry.key().0 <= world.now()) {
            let ((_, place, node), what) = entry.remove_entry();
            match what {
                Due::Strike => {
                    for (node, down) in hand.borrow_mut().strike(place, &node) {
                        due.insert((world.now() + down, place, node), Due::Release);
                    }
                }
                Due::Release => hand.borrow_mut().release(place, &node),
            }
        }
    }
}

async fn next_sync(syncs: &mut Option<UnboundedReceiver<NodeName>>) -> NodeName {
    if let Some(syncs) = syncs
        && let Some(node) = syncs.recv().await
    {
        return node;
    }
    std::future::pending().await
}

/// By the supervisor's clock, which is true and knows parts of a millisecond.
async fn wait_until(world: &World, at: Option<Time>) {
    match at {
        Some(at) => host::sleep(at.since(world.now())).await,
        None => std::future::pending().await,
    }
}
