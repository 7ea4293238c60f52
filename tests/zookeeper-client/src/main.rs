//! What the crate `zookeeper-client` expects of a server, one named test each.
//!
//! `zookeeper-client-conformance MODE HOME [OTHER…]`: the mode is `standalone`, `leader` or `follower`, what the server at HOME
//! is; the others are the rest of its ensemble. Prints one line a test: `ok NAME`, `failed NAME: REASON` or
//! `skipped NAME: REASON`. Ends with 1 if one has failed. In an ensemble it then says `kill the leader`, waits for a line, and
//! makes the tests of what has to survive that.

mod bed;
mod locks;
mod relay;
mod sessions;
mod survival;
mod transactions;
mod watches;
mod znodes;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use bed::{Bed, Named, Place};

/// How long a test may take.
const LIMIT: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    // A failure is told in the line of its test.
    std::panic::set_hook(Box::new(|_| {}));
    let mut arguments = std::env::args().skip(1);
    let mode = arguments.next().expect("the mode of the first server");
    let servers: Vec<String> = arguments.collect();
    assert!(!servers.is_empty(), "where the servers are");
    let place = Arc::new(Place { mode, servers });
    let groups = [znodes::tests(), transactions::tests(), watches::tests(), sessions::tests(), locks::tests()];
    let running: Vec<_> = groups.into_iter().flatten().map(|test| tokio::spawn(outcome(test, place.clone()))).collect();
    let mut have_passed = true;
    for test in running {
        have_passed &= told(&test.await.expect("it catches what it may"));
    }
    if place.servers.len() > 1 && place.mode == "leader" {
        for line in survival::outcomes(&place).await {
            have_passed &= told(&line);
        }
    }
    if have_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Prints the line, and gives whether it tells of a failure.
fn told(line: &str) -> bool {
    println!("{line}");
    !line.starts_with("failed ")
}

async fn outcome((name, test): Named, place: Arc<Place>) -> String {
    let own_name = name.clone();
    let bed = async move {
        let bed = Bed::prepare(place, &own_name).await;
        test(bed).await;
    };
    let task = tokio::spawn(tokio::time::timeout(LIMIT, bed));
    line(&name, task.await)
}

/// What is printed of a test that has come to this end.
fn line(name: &str, end: Result<Result<(), tokio::time::error::Elapsed>, tokio::task::JoinError>) -> String {
    match end {
        Ok(Ok(())) => format!("ok {name}"),
        Ok(Err(_)) => format!("failed {name}: not within {LIMIT:?}"),
        Err(error) => {
            let panic = error.into_panic();
            let text =
                panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            format!("failed {name}: {}", text.unwrap_or("it panicked").replace('\n', " "))
        }
    }
}
