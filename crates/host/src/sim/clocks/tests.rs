//! Clocks as processes see them.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use history::{ClockEvent, Event, Keep, Log, Time};
use proptest::prelude::*;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::sim::{Clocks, Options, World, simulate};

const SECOND: Duration = Duration::from_secs(1);

/// How late a task may run: each poll of a task takes up to a hundred nanoseconds.
const TOLERANCE: Duration = Duration::from_micros(5);

fn run<F, Fut, T>(supervise: F) -> T
where
    F: FnOnce(World) -> Fut + Send + 'static,
    Fut: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let options = Options { seed: 1, scheduler_seed: 1, log: Log::new(Keep::Everything) };
    simulate(options, supervise).unwrap_or_else(|panicked| panic!("{panicked}"))
}

/// Starts a node whose process runs `program` once and reports what it returns with the true time of its end.
fn node<F, Fut, T>(world: &World, name: &str, program: F) -> UnboundedReceiver<(Time, T)>
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let (sender, receiver): (UnboundedSender<(Time, T)>, _) = unbounded_channel();
    world.add_node(name, move || {
        let (program, sender) = (program.clone(), sender.clone());
        async move {
            let outcome = program().await;
            sender.send((World::current().now(), outcome)).expect("the test listens");
        }
    });
    receiver
}

fn assert_near(at: Time, wanted: Duration) {
    let late = at.elapsed().checked_sub(wanted).unwrap_or_else(|| panic!("{at} is earlier than {wanted:?}"));
    assert!(late < TOLERANCE, "{at} is {late:?} later than {wanted:?}");
}

#[test]
fn a_fast_clock_makes_a_sleep_short() {
    run(|world| async move {
        let mut done = node(&world, "fast", || crate::sleep(10 * SECOND));
        world.clocks().drift("fast", 250_000);
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 8 * SECOND);
    });
}

#[test]
fn a_slow_clock_makes_a_sleep_long() {
    run(|world| async move {
        let mut done = node(&world, "slow", || crate::sleep(10 * SECOND));
        world.clocks().drift("slow", -500_000);
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 20 * SECOND);
    });
}

#[test]
fn a_change_of_rate_reckons_waiting_timers_anew() {
    run(|world| async move {
        let mut done = node(&world, "node", || crate::sleep(10 * SECOND));
        world.sleep_until(Time::from_secs(4)).await;
        world.clocks().drift("node", 1_000_000);
        world.sleep_until(Time::from_secs(5)).await;
        world.clocks().drift("node", -500_000);
        // 4 s at its own rate, 1 s at twice of it, the remaining 4 s at half of it.
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 13 * SECOND);
    });
}

#[test]
fn a_stalled_process_finds_its_timers_late_and_right() {
    run(|world| async move {
        let mut done = node(&world, "node", || async {
            crate::sleep(2 * SECOND).await;
            crate::sleep(2 * SECOND).await;
        });
        world.sleep_until(Time::from_secs(1)).await;
        world.pause("node");
        world.clocks().drift("node", 1_000_000);
        world.sleep_until(Time::from_secs(30)).await;
        world.resume("node");
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 31 * SECOND);
    });
}

#[test]
fn a_step_moves_the_wall_clock_alone() {
    run(|world| async move {
        let mut done = node(&world, "node", || async {
            let before = (crate::now(), crate::wall_clock());
            crate::sleep(10 * SECOND).await;
            (crate::now() - before.0, crate::wall_clock().since_epoch() + SECOND - before.1.since_epoch())
        });
        for (at, hours) in [(3, 5), (4, -5)] {
            world.sleep_until(Time::from_secs(at)).await;
            world.clocks().step("node", hours * 3_600_000_000_000);
        }
        world.clocks().step("node", -1_000_000_000);
        let (at, (monotonic, wall)) = done.recv().await.unwrap();
        assert_near(at, 10 * SECOND);
        assert_eq!(monotonic, wall, "the steps leave the wall clock a second behind");
    });
}

#[test]
fn the_wall_clock_freezes_strobes_and_thaws() {
    run(|world| async move {
        node(&world, "node", std::future::pending::<()>);
        let clocks = world.clocks();
        let shown = || (clocks.wall_of("node").since_epoch() - Clocks::BEGINNING).as_secs();
        world.sleep_until(Time::from_secs(10)).await;
        clocks.freeze("node");
        world.sleep_until(Time::from_secs(15)).await;
        assert_eq!(shown(), 10);
        assert_eq!(clocks.monotonic_of("node").reading().as_secs(), 15, "the monotonic clock does not freeze");
        clocks.thaw("node");
        world.sleep_until(Time::from_secs(20)).await;
        assert_eq!(shown(), 15, "it stays late by the time it stood still");
        clocks.strobe("node", 100_000_000_000, 2 * SECOND);
        assert_eq!(shown(), 115);
        world.sleep(2 * SECOND).await;
        assert_eq!(shown(), 17);
        world.sleep(2 * SECOND).await;
        assert_eq!(shown(), 119);
        clocks.mend("node");
        assert_eq!(clocks.wall_of("node").since_epoch() - Clocks::BEGINNING, world.now().elapsed());
        let told: Vec<Event> = world.log().kept().iter().map(|record| record.event.clone()).collect();
        for event in [ClockEvent::Frozen, ClockEvent::Thawed] {
            assert!(told.contains(&Event::Clock(event.clone())), "{event:?} was not told");
        }
    });
}

#[test]
fn the_supervisor_has_true_clocks() {
    run(|world| async move {
        node(&world, "node", std::future::pending::<()>);
        world.clocks().drift("node", 500_000);
        crate::sleep(10 * SECOND).await;
        assert_near(world.now(), 10 * SECOND);
        assert_eq!(crate::now().reading(), world.now().elapsed());
        assert_eq!(crate::wall_clock().since_epoch(), Clocks::BEGINNING + world.now().elapsed());
        assert!(world.clocks().monotonic_of("node").reading() >= 15 * SECOND);
    });
}

#[test]
fn a_thousand_polls_cost_one_timer() {
    run(|world| async move {
        let mut sleep = world.clocks().sleep_until(crate::now() + 10 * SECOND);
        for _ in 0..1_000 {
            let waiting = Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(waiting, Poll::Pending);
        }
        assert_eq!(sleep.armings(), 1);
        (&mut sleep).await;
        assert_near(world.now(), 10 * SECOND);
        assert_eq!(sleep.armings(), 1, "another waker needs no other timer");
    });
}

#[test]
fn a_timer_put_off_again_and_again_costs_next_to_nothing() {
    run(|world| async move {
        let mut sleep = world.clocks().sleep_until(crate::now() + 6 * SECOND);
        for _ in 0..1_000 {
            world.sleep(SECOND / 100).await;
            sleep.reset(crate::now() + 6 * SECOND);
            let waiting = Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(waiting, Poll::Pending);
        }
        let last = world.now();
        (&mut sleep).await;
        assert_near(world.now(), last.elapsed() + 6 * SECOND);
        assert!(sleep.armings() <= 3, "{} timers for 16 s", sleep.armings());
    });
}

#[test]
fn a_timer_brought_forward_fires_at_its_new_time() {
    run(|world| async move {
        let mut sleep = crate::sleep(60 * SECOND);
        let early = Pin::new(&mut sleep).poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(early, Poll::Pending);
        sleep.reset(crate::now() + SECOND);
        sleep.await;
        assert_near(world.now(), SECOND);
    });
}

#[test]
fn a_timer_that_is_due_fires_at_once_and_lets_others_run() {
    run(|world| async move {
        for _ in 0..100 {
            let before = world.now();
            crate::sleep(Duration::ZERO).await;
            let took = world.now().since(before);
            assert!(took > Duration::ZERO && took < TOLERANCE, "took {took:?}");
        }
        crate::sleep(Duration::from_micros(50)).await;
        assert!(world.now().elapsed() < Duration::from_micros(100), "timers below a millisecond are kept");
    });
}

#[test]
fn a_killed_process_takes_its_timers_along() {
    run(|world| async move {
        let mut done = node(&world, "node", || crate::sleep(10 * SECOND));
        world.sleep_until(Time::from_secs(4)).await;
        world.kill("node");
        world.sleep_until(Time::from_secs(5)).await;
        world.clocks().drift("node", 1_000_000);
        world.start("node");
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 10 * SECOND);
        assert!(done.try_recv().is_err(), "only the second life came to its end");
    });
}

#[test]
fn a_stalled_process_can_be_killed_while_its_timers_ring() {
    run(|world| async move {
        let mut done = node(&world, "node", || async {
            let neighbour = crate::spawn(crate::sleep(SECOND));
            crate::sleep(2 * SECOND).await;
            neighbour.await.unwrap();
        });
        world.sleep_until(Time::from_nanos(500_000_000)).await;
        world.pause("node");
        world.sleep_until(Time::from_secs(5)).await;
        world.kill("node");
        world.clocks().drift("node", 1_000_000);
        world.start("node");
        let (at, ()) = done.recv().await.unwrap();
        assert_near(at, 6 * SECOND);
    });
}

#[derive(Clone, Debug)]
enum Change {
    Step(i64),
    Drift(i64),
    Freeze,
    Strobe(i64, u64),
    Thaw,
    Mend,
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        any::<i64>().prop_map(Change::Step),
        (-999_999_i64..2_000_000).prop_map(Change::Drift),
        Just(Change::Freeze),
        (any::<i64>(), 1_u64..10_000_000_000).prop_map(|(amplitude, period)| Change::Strobe(amplitude, period)),
        Just(Change::Thaw),
        Just(Change::Mend),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_monotonic_clock_never_goes_back(
        changes in prop::collection::vec((0_u64..3_000_000_000, change()), 1..50),
    ) {
        run(move |world| async move {
            node(&world, "node", std::future::pending::<()>);
            let clocks = world.clocks();
            let mut last = clocks.monotonic_of("node");
            for (wait, change) in changes {
                world.sleep(Duration::from_nanos(wait)).await;
                let before = clocks.monotonic_of("node");
                match change {
                    Change::Step(nanoseconds) => clocks.step("node", nanoseconds),
                    Change::Drift(parts_per_million) => clocks.drift("node", parts_per_million),
                    Change::Freeze => clocks.freeze("node"),
                    Change::Strobe(amplitude, period) => {
                        clocks.strobe("node", amplitude, Duration::from_nanos(period));
                    }
                    Change::Thaw => clocks.thaw("node"),
                    Change::Mend => clocks.mend("node"),
                }
                assert_eq!(before, clocks.monotonic_of("node"), "{change:?} moved the monotonic clock");
                assert!(last <= before, "it went back from {last:?} to {before:?}");
                last = before;
            }
        });
    }
}
