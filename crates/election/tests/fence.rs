//! The fence on a simulated disk: the very first loss of power takes nothing away.
#![cfg(madsim)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use history::{Keep, Log, Term};
use host::sim::{Options, simulate};
use interregnum_election::resource::Fence;

#[test]
fn the_first_token_outlives_the_first_loss_of_power() {
    let found: Arc<Mutex<Vec<Option<Term>>>> = Arc::default();
    let options = Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Nothing) };
    let noted = found.clone();
    let run = simulate(options, move |world| async move {
        world.add_node("vault", move || {
            let noted = noted.clone();
            async move {
                let mut fence = Fence::open(Path::new("/var/fence")).await.expect("the disk is well");
                noted.lock().expect("nobody panics").push(fence.highest());
                if fence.highest().is_none() {
                    fence.raise(Term(7)).await.expect("the disk is well");
                }
                std::future::pending().await
            }
        });
        world.sleep(Duration::from_secs(1)).await;
        world.power_off("vault");
        world.sleep(Duration::from_secs(1)).await;
        world.power_on("vault");
        world.start("vault");
        world.sleep(Duration::from_secs(1)).await;
    });
    assert!(run.is_ok(), "nothing panics");
    assert_eq!(*found.lock().expect("nobody panics"), [None, Some(Term(7))]);
}
