//! Early, late, and just in time: by the keeper's clock, over restarts and changes of leader.

use super::*;
use crate::testing::{
    History, closed, delivered, doomed, established, expired, not_serving, opened, opened_for, reattached, service,
    serving, touched, zxid,
};
use history::{ClockEvent, MachineEvent};

fn monitor() -> Sessions {
    Sessions::honoured(Duration::from_secs(2), Duration::from_millis(100))
}

fn touched_at_three_and_a_half() -> History {
    History::new().tell("zk", serving(0)).at(1.0).tell("zk", opened(7, 5)).at(3.5).tell("zk", touched(7))
}

#[test]
fn rounding_up_to_the_tick_is_honest_and_rounding_down_is_not() {
    // Due at 8.5 s: the next tick is 10 s, the one before it 8 s.
    touched_at_three_and_a_half().at(10.0).tell("zk", expired(7)).judge(monitor()).assert_clean();
    touched_at_three_and_a_half().at(8.0).tell("zk", expired(7)).judge(monitor()).assert_violated_once(
        "zk expired session 0x7 at 8.000000s, 4.5s by its own clock after 3.500000s, when it last had to count \
         anew: its timeout is 5s",
    );
}

#[test]
fn later_than_a_tick_is_too_late() {
    touched_at_three_and_a_half().at(10.5).tell("zk", expired(7)).judge(monitor()).assert_clean();
    let late = touched_at_three_and_a_half().at(10.7).tell("zk", expired(7));
    late.judge(monitor()).assert_violated_once("zk has not expired session 0x7 by 10.700000s");
    let never = touched_at_three_and_a_half().at(40.0);
    never.judge(monitor()).assert_violated_once("zk has not expired session 0x7");
}

#[test]
fn the_time_of_a_session_that_its_client_closes_is_not_counted() {
    let closing = || touched_at_three_and_a_half().tell("zk", service(ServiceEvent::SessionClosing { session: 7 }));
    closing().at(40.0).judge(monitor()).assert_clean();
    let touched = closing().at(4.0).tell("zk", touched(7));
    touched.judge(monitor()).assert_violated_once("zk touched session 0x7 at 4.000000s, although its close began");
    // Whoever serves after a server that did not get it through counts anew.
    let lost = closing().machine("zk", MachineEvent::Killed).machine("zk", MachineEvent::Started);
    lost.at(5.0).tell("zk", serving(1)).at(40.0).judge(monitor()).assert_violated_once("has not expired session 0x7");
}

#[test]
fn the_server_counts_by_its_own_clock() {
    let drifts = |parts_per_million| Event::Clock(ClockEvent::Drifts { parts_per_million });
    let fast = |at| touched_at_three_and_a_half().tell("zk", drifts(250_000)).at(at).tell("zk", expired(7));
    fast(7.5).judge(monitor()).assert_clean();
    fast(7.4).judge(monitor()).assert_violated_once("4.875s by its own clock");
    let slow = touched_at_three_and_a_half().tell("zk", drifts(-500_000)).at(14.0);
    slow.judge(monitor()).assert_clean();
}

#[test]
fn a_stalled_server_expires_late_but_then_soon() {
    let paused =
        touched_at_three_and_a_half().machine("zk", MachineEvent::Paused).at(60.0).machine("zk", MachineEvent::Resumed);
    paused.clone().at(60.05).tell("zk", expired(7)).judge(monitor()).assert_clean();
    paused.at(60.2).judge(monitor()).assert_violated_once("has not expired");
}

#[test]
fn a_server_that_starts_gives_the_full_time_again() {
    let restarted = touched_at_three_and_a_half()
        .machine("zk", MachineEvent::Killed)
        .at(60.0)
        .machine("zk", MachineEvent::Started)
        .at(61.0)
        .tell("zk", serving(1));
    restarted.clone().at(61.0).tell("zk", expired(7)).judge(monitor()).assert_violated_once("after 61.000000s");
    restarted.clone().at(66.0).tell("zk", expired(7)).judge(monitor()).assert_clean();
    restarted.at(69.0).judge(monitor()).assert_violated_once("has not expired");
}

#[test]
fn another_server_takes_over() {
    let taken_over =
        touched_at_three_and_a_half().machine("zk", MachineEvent::PowerLost).at(10.0).tell("zk2", serving(1));
    taken_over.clone().at(16.0).tell("zk2", expired(7)).judge(monitor()).assert_clean();
    taken_over.at(18.0).judge(monitor()).assert_violated_once("zk2 has not expired");
}

#[test]
fn no_life_after_the_end() {
    let expired_at_ten = touched_at_three_and_a_half().at(10.0).tell("zk", expired(7));
    expired_at_ten
        .clone()
        .tell("zk", touched(7))
        .judge(monitor())
        .assert_violated_once("zk touched session 0x7 at 10.000000s, although it expired at 10.000000s");
    expired_at_ten
        .tell("zk", closed(7, 3))
        .tell("zk", reattached(7, 5))
        .judge(monitor())
        .assert_violated_once("although it was closed");
}

#[test]
fn an_ordered_expiry_may_come_at_any_time_and_a_closed_session_never_expires() {
    let ordered = touched_at_three_and_a_half().tell("zk", doomed(7)).tell("zk", expired(7));
    ordered.judge(monitor()).assert_clean();
    touched_at_three_and_a_half().tell("zk", closed(7, 3)).at(90.0).judge(monitor()).assert_clean();
}

/// Leader `zk1` keeps a session of five seconds, which both servers know.
fn kept_by_a_leader() -> History {
    History::new()
        .tell("zk1", established(1, 0))
        .tell("zk1", serving(0))
        .tell("zk2", serving(0))
        .at(1.0)
        .each(&["zk1", "zk2"], &[delivered(zxid(1, 1), 0), opened(7, 5)])
}

#[test]
fn a_follower_counts_nothing_and_a_new_leader_counts_anew() {
    let follower_returns = kept_by_a_leader().at(5.0).tell("zk2", not_serving()).tell("zk2", serving(zxid(1, 1)));
    follower_returns.at(9.0).judge(monitor()).assert_violated_once("zk1 has not expired session 0x7");
    let replaced = kept_by_a_leader()
        .at(5.0)
        .machine("zk1", MachineEvent::Killed)
        .tell("zk2", not_serving())
        .tell("zk2", established(2, zxid(1, 1)))
        .tell("zk2", serving(zxid(1, 1)));
    replaced.clone().at(10.0).tell("zk2", expired(7)).judge(monitor()).assert_clean();
    replaced.clone().at(9.9).tell("zk2", expired(7)).judge(monitor()).assert_violated_once("after 5.000000s");
    replaced.at(12.2).judge(monitor()).assert_violated_once("zk2 has not expired session 0x7");
}

#[test]
fn two_leaders_are_each_judged_by_what_they_know() {
    let both = kept_by_a_leader().at(5.0).tell("zk2", established(2, zxid(1, 1))).tell("zk2", serving(zxid(1, 1)));
    // The old one has not heard of the close.
    both.clone()
        .tell("zk2", delivered(zxid(2, 1), 0))
        .tell("zk2", closed(7, zxid(2, 1)))
        .tell("zk1", touched(7))
        .at(10.0)
        .tell("zk1", expired(7))
        .judge(monitor())
        .assert_clean();
    // What the old one has expired lives at the new one.
    let expired_by_the_old = both.at(6.0).tell("zk1", expired(7)).tell("zk2", touched(7)).at(10.0);
    expired_by_the_old.clone().judge(monitor()).assert_clean();
    expired_by_the_old.tell("zk1", touched(7)).judge(monitor()).assert_violated_once("zk1 touched session 0x7");
}

proptest::proptest! {
    /// What ZooKeeper's buckets do is always right, and rounding the other way is found out as soon as it is
    /// early by more than the millisecond that servers may err.
    #[test]
    fn buckets_that_round_up_are_right_at_any_clock_and_those_that_round_down_are_not(
        // Touched before it would have ended without: else the long wait would be a fault by itself.
        touched_at_millis in 1_000_u64..10_000,
        timeout_millis in 10_000_u64..60_000,
        tick_millis in 200_u64..5_000,
        drift in -200_000_i64..200_000,
    ) {
        let rate = 1.0 + drift as f64 / 1e6;
        let due = touched_at_millis + timeout_millis;
        let judge = |bucket_millis: u64| {
            let true_time = |local_millis: u64| local_millis as f64 / 1e3 / rate;
            let honoured = Sessions::honoured(Duration::from_millis(tick_millis), Duration::from_millis(5));
            History::new()
                .tell("zk", Event::Clock(ClockEvent::Drifts { parts_per_million: drift }))
                .tell("zk", serving(0))
                .tell("zk", opened_for(7, Duration::from_millis(timeout_millis)))
                .at(true_time(touched_at_millis))
                .tell("zk", touched(7))
                .at(true_time(bucket_millis))
                .tell("zk", expired(7))
                .judge(honoured)
        };
        judge((due / tick_millis + 1) * tick_millis).assert_clean();
        let down = due / tick_millis * tick_millis;
        // Early by the very millisecond that is allowed: the rounding of this test's own arithmetic decides.
        proptest::prop_assume!(down + 1 != due);
        proptest::prop_assert_eq!(judge(down).is_clean(), down == due);
    }
}
