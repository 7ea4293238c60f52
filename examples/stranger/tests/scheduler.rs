//! The scheduler under faults.

use std::io;

use interregnum::{ActVerdict, Failover, Faults, SingleLeader, Testbed, VaultHandle, minutes, secs};
use job_scheduler::{Answer, Store, run};

/// The store of the tests: a vault.
struct Vault(VaultHandle);

impl Store for Vault {
    async fn hand_out(&mut self, token: i64, job: u64) -> io::Result<Answer> {
        match self.0.act(token, &format!("job {job}")).await? {
            ActVerdict::Accepted => Ok(Answer::Done),
            ActVerdict::Refused { highest } => Ok(Answer::TooOld(highest.0)),
            ActVerdict::Failed { why } => Err(io::Error::other(why)),
        }
    }
}

/// Three schedulers, three servers, and the store.
fn schedulers(bed: &Testbed) {
    let zk = bed.ensemble(3);
    let store = bed.vault("store");
    for name in ["a", "b", "c"] {
        let (servers, store) = (zk.connect_string(), store.clone());
        bed.node(name).run(move |_| {
            let (servers, store) = (servers.clone(), Vault(store.open()));
            async move { run(&servers, store).await }
        });
    }
    bed.check(SingleLeader::effect()).check(Failover::within(zk.failover_bound() + secs(10)));
}

#[interregnum::test(seeds = 200)]
async fn never_two_schedulers(bed: Testbed) {
    schedulers(&bed);
    bed.faults(Faults::swarm());
    bed.run_for(minutes(5)).await;
}

/// What the first attempt did not survive: a follower that is cut off from the ensemble's leader goes on answering its
/// clients, while their sessions run out.
#[interregnum::test(seeds = 20)]
async fn a_follower_that_is_cut_off_does_no_harm(bed: Testbed) {
    schedulers(&bed);
    bed.faults(Faults::schedule_file("tests/schedules/cut-off-follower.toml"));
    bed.run_for(minutes(5)).await;
}
