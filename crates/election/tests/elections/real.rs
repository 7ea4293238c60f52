//! On the real machine.

use std::time::Duration;

use election::resource::{Fencing, Resource, ResourceHandle, Verdict};
use election::{Docs, Lease, Participation, Reign, Strategy};
use interregnum_election as election;

/// Long enough for a loaded machine, short enough to notice that nothing happens.
const PATIENCE: Duration = Duration::from_secs(60);

fn on_the_real_machine<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be had").block_on(test)
}

/// A service with a short tick, so that sessions end soon.
async fn serve() -> String {
    let config = server::Config {
        listen: "127.0.0.1:0".parse().expect("an address"),
        tick: Duration::from_millis(500),
        ..server::Config::default()
    };
    let server = server::Server::bind(config).await.expect("it listens");
    let address = server.address().to_string();
    host::spawn(server.run());
    address
}

fn config(servers: &str) -> client::Config {
    client::Config::new(servers).expect("a connect string").with_session_timeout(Duration::from_secs(2))
}

async fn elected(participation: &mut Participation) -> Reign {
    let elected = host::timeout(PATIENCE, participation.elected()).await;
    elected.expect("it is elected in time").expect("it still takes part")
}

/// Three candidates, of which each that leads goes: by resigning, or by dying without a word.
async fn one_after_the_other(strategy: &dyn Strategy, servers: &str) {
    let directory = tempfile::tempdir().expect("a directory");
    let any = "127.0.0.1:0".parse().expect("an address");
    let resource = Resource::open(any, directory.path(), Fencing::Checked).await.expect("it opens");
    let address = resource.local_addr().expect("it listens").to_string();
    host::spawn(resource.serve());

    let mut first = strategy.take_part(config(servers));
    let first_reign = elected(&mut first).await;
    let mut second = strategy.take_part(config(servers));
    assert!(first_reign.holds());
    first.resign().await;
    assert!(!first_reign.holds(), "who resigned leads no more");

    let second_reign = elected(&mut second).await;
    assert!(second_reign.term() > first_reign.term(), "terms increase");
    assert!(second_reign.holds());
    let mut resource = ResourceHandle::new(&address, PATIENCE);
    let mut act = async |reign: &Reign| resource.act(reign.term(), "act").await.expect("an answer");
    assert_eq!(act(&second_reign).await, Verdict::Accepted);
    assert_eq!(act(&first_reign).await, Verdict::Refused { highest: second_reign.term() });
    second.resign().await;

    let mut third = strategy.take_part(config(servers));
    let third_reign = elected(&mut third).await;
    assert!(third_reign.term() > second_reign.term(), "terms increase");
    third.resign().await;
}

#[test]
fn the_documented_recipe_hands_on_with_increasing_terms() {
    on_the_real_machine(async {
        let servers = serve().await;
        one_after_the_other(&Docs::new("/deep/down/election"), &servers).await;
    });
}

#[test]
fn a_lease_hands_on_with_increasing_terms() {
    on_the_real_machine(async {
        let servers = serve().await;
        one_after_the_other(&Lease::new("/lease"), &servers).await;
    });
}

#[test]
fn the_next_in_line_leads_when_the_leader_dies_without_a_word() {
    on_the_real_machine(async {
        let servers = serve().await;
        let strategy = Docs::new("/election");
        // The leader lives in a runtime of its own, which is torn down with everything in it.
        let doomed = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be had");
        let (config_of_first, strategy_of_first) = (config(&servers), strategy.clone());
        let first = doomed.handle().clone();
        let first = first.spawn(async move {
            let mut first = strategy_of_first.take_part(config_of_first);
            let reign = elected(&mut first).await;
            (first, reign)
        });
        let (first, first_reign) = first.await.expect("it is elected");
        let mut others = [strategy.take_part(config(&servers)), strategy.take_part(config(&servers))];
        doomed.shutdown_background();

        let [second, third] = &mut others;
        let reign = tokio::select! {
            biased;
            reign = elected(second) => reign,
            reign = elected(third) => reign,
        };
        assert!(reign.term() > first_reign.term(), "terms increase");
        assert!(!first_reign.holds(), "the clock says so, although no task is left that could");
        drop(first);
    });
}
