//! The client against a running service: the same tours on the real machine, inside the simulation, and (asked for by
//! `ZOOKEEPER=host:port`, ignored otherwise) against Apache ZooKeeper.

// By the name under which the house imports it.
extern crate interregnum_client as client;

#[cfg(madsim)]
mod faults;
mod tours;

use std::future::Future;
use std::time::Duration;

use server::{Config, Server};

/// The tick of the servers here: session timeouts go from 2 to 20 of it.
const TICK: Duration = Duration::from_millis(500);

fn server_config(listen: &str) -> Config {
    Config { listen: listen.parse().expect("an address"), tick: TICK, extended_types: true, ..Config::default() }
}

/// Runs a future on the real machine.
fn really<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime can be had").block_on(future)
}

/// Serves on a free port of the real machine while `tour` goes round.
fn tour_really<F: Future>(tour: impl FnOnce(String) -> F) -> F::Output {
    really(async {
        let server = Server::bind(server_config("127.0.0.1:0")).await.expect("a free port can be had");
        let address = server.address().to_string();
        let serving = host::spawn(async move {
            let ended = server.run().await;
            panic!("the server ended: {ended:?}");
        });
        let output = host::timeout(Duration::from_secs(60), tour(address)).await.expect("the tour comes to its end");
        serving.abort();
        output
    })
}

/// Lets a node serve in a simulated world while another one makes the tour.
#[cfg(madsim)]
fn tour_simulated<F: Future<Output = ()> + 'static>(tour: impl Fn(String) -> F + Copy + Send + Sync + 'static) {
    for seed in 0..5 {
        let log = history::Log::new(history::Keep::Nothing);
        let options = host::sim::Options { seed, scheduler_seed: seed, log };
        let run = host::sim::simulate(options, move |world| async move {
            world.add_node("server", serve);
            let node = world.add_node("client", move || async move { tour("server:2181".to_owned()).await });
            world.sleep(Duration::from_secs(60)).await;
            assert!(!world.is_running(node.as_str()), "the tour comes to its end");
        });
        run.unwrap_or_else(|panicked| panic!("seed {seed}: {panicked}"));
    }
}

#[cfg(madsim)]
async fn serve() {
    let server = Server::bind(server_config("0.0.0.0:2181")).await.expect("the node is free");
    let ended = server.run().await;
    panic!("the server ended: {ended:?}");
}

/// Makes the tour at whatever serves at `ZOOKEEPER`.
fn tour_foreign<F: Future>(tour: impl FnOnce(String) -> F) -> F::Output {
    let address = std::env::var("ZOOKEEPER").expect("ZOOKEEPER=host:port names a running Apache ZooKeeper");
    really(async { host::timeout(Duration::from_secs(60), tour(address)).await.expect("the tour comes to its end") })
}

macro_rules! tours {
    ($($tour:ident),+ $(,)?) => {
        mod really {
            $(#[test] fn $tour() { super::tour_really(super::tours::$tour) })+
        }
        #[cfg(madsim)]
        mod simulated {
            $(#[test] fn $tour() { super::tour_simulated(super::tours::$tour) })+
        }
        mod foreign {
            $(#[test] #[ignore = "needs a running Apache ZooKeeper"]
            fn $tour() { super::tour_foreign(super::tours::$tour) })+
        }
    };
}

tours!(
    znodes_are_created_read_changed_and_deleted,
    every_create_mode_makes_what_it_says,
    access_is_refused_to_whom_the_list_does_not_name,
    a_multi_does_all_or_nothing,
    a_multi_read_reads_each_for_itself,
    a_one_shot_watch_hears_once,
    a_persistent_watch_hears_again_and_again,
    removed_watches_end_their_watchers,
    a_chroot_is_the_root_for_its_client,
    requests_take_effect_in_the_order_of_the_calls,
    closing_takes_the_ephemerals_and_dropping_leaves_them,
    a_session_goes_on_in_another_client,
    states_are_told_from_beginning_to_end,
);
