//! Disks as processes see them.

use std::future::Future;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use history::{DiskEvent, Event, Keep, Log, TraceHash};
use tokio::sync::mpsc::unbounded_channel;

use crate::fs::{self, File};
use crate::sim::{Options, World, simulate};

fn run<F, Fut, T>(seed: u64, supervise: F) -> T
where
    F: FnOnce(World) -> Fut + Send + 'static,
    Fut: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let options = Options { seed, scheduler_seed: 1, log: Log::new(Keep::Everything) };
    simulate(options, supervise).unwrap_or_else(|panicked| panic!("{panicked}"))
}

/// Runs `program` as the process of a new node `disk`, once; the process lives on.
async fn process<F, Fut, T>(world: &World, program: F) -> T
where
    F: Fn() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = T> + 'static,
    T: Send + 'static,
{
    let (sender, mut receiver) = unbounded_channel();
    world.add_node("disk", move || {
        let (program, sender) = (program.clone(), sender.clone());
        async move {
            // At a later start nobody listens any more.
            let _ = sender.send(program().await);
            std::future::pending::<()>().await;
        }
    });
    receiver.recv().await.expect("the program ends")
}

fn disk_events(world: &World) -> Vec<DiskEvent> {
    let told = |event: &Event| match event {
        Event::Disk(event) => Some(event.clone()),
        _ => None,
    };
    world.log().kept().iter().filter_map(|record| told(&record.event)).collect()
}

/// A file `log` with `safe` on the disk and ` and more` in the page cache only.
async fn half_written() -> File {
    let mut log = File::create(Path::new("log")).await.unwrap();
    log.append(b"safe").await.unwrap();
    log.sync().await.unwrap();
    fs::sync_directory(Path::new("/")).await.unwrap();
    log.append(b" and more").await.unwrap();
    log
}

#[test]
fn a_kill_costs_nothing() {
    run(1, |world| async move {
        process(&world, || async {
            half_written().await;
            std::mem::drop(File::create(Path::new("unsynced")).await.unwrap());
        })
        .await;
        world.kill("disk");
        assert_eq!(world.disks().read_of("disk", Path::new("log")).unwrap(), b"safe and more");
        assert_eq!(world.disks().read_of("disk", Path::new("unsynced")).unwrap(), b"");
        assert!(disk_events(&world).is_empty());
    });
}

#[test]
fn a_power_loss_takes_what_was_not_synced_or_tears_it() {
    let outcomes: Vec<Vec<u8>> = (0..32)
        .map(|seed| {
            run(seed, |world| async move {
                process(&world, || async { half_written().await.length().await }).await.unwrap();
                world.power_off("disk");
                let left = world.disks().read_of("disk", Path::new("log")).unwrap();
                let more = left.len() as u64 - 4;
                let expected = match more {
                    0 => vec![DiskEvent::Lost { file: "/log".to_owned(), bytes: 9 }],
                    9 => vec![],
                    bytes => vec![DiskEvent::Torn { file: "/log".to_owned(), bytes }],
                };
                assert_eq!(disk_events(&world), expected);
                left
            })
        })
        .collect();
    assert!(outcomes.iter().all(|left| left.starts_with(b"safe") && b"safe and more".starts_with(left)));
    assert!(outcomes.iter().any(|left| left == b"safe"), "at times all is lost");
    assert!(outcomes.iter().any(|left| (5..13).contains(&left.len())), "at times the write is torn");
}

#[test]
fn an_fsync_takes_a_moment_and_may_be_slow() {
    run(1, |world| async move {
        let measured = process(&world, || async {
            let mut file = File::create(Path::new("a")).await.unwrap();
            let mut took = Vec::new();
            for slower in [false, true] {
                if slower {
                    World::current().disks().slow_sync("disk", Duration::from_secs(3));
                }
                let before = World::current().now();
                file.sync().await.unwrap();
                took.push(World::current().now().since(before));
            }
            took
        })
        .await;
        let bounds = |base: u64| Duration::from_millis(base + 1)..=Duration::from_millis(base + 3);
        assert!(bounds(0).contains(&measured[0]), "{measured:?}");
        assert!(bounds(3_000).contains(&measured[1]), "{measured:?}");
    });
}

#[test]
fn what_a_failed_fsync_left_is_lost_though_a_later_one_succeeds() {
    run(1, |world| async move {
        process(&world, || async {
            let mut log = half_written().await;
            World::current().disks().fail_next_syncs("disk", 1);
            assert!(log.sync().await.is_err());
            log.sync().await.unwrap();
            assert_eq!(fs::read(Path::new("log")).await.unwrap(), b"safe and more");
        })
        .await;
        world.power_off("disk");
        assert_eq!(world.disks().read_of("disk", Path::new("log")).unwrap(), b"safe");
        let file = "/log".to_owned();
        assert_eq!(
            disk_events(&world),
            [DiskEvent::SyncFailed { file: file.clone() }, DiskEvent::Lost { file, bytes: 9 }]
        );
    });
}

#[test]
fn an_fsync_that_the_power_cuts_short_makes_nothing_safe() {
    run(3, |world| async move {
        process(&world, || async {
            let mut log = half_written().await;
            let world = World::current();
            world.disks().slow_sync("disk", Duration::from_secs(1));
            crate::spawn(async move { log.sync().await });
        })
        .await;
        world.sleep(Duration::from_millis(900)).await;
        assert_eq!(world.disks().rot_anywhere("disk").map(|(_, offset)| offset < 4), Some(true));
        world.power_off("disk");
        let left = world.disks().read_of("disk", Path::new("log")).unwrap().len() as u64;
        world.sleep(Duration::from_secs(1)).await;
        let file = "/log".to_owned();
        let fate = match left {
            4 => DiskEvent::Lost { file, bytes: 9 },
            left => DiskEvent::Torn { file, bytes: left - 4 },
        };
        assert_eq!(disk_events(&world).last(), Some(&fate), "this seed does not save the whole write by chance");
    });
}

#[test]
fn an_fsync_of_a_directory_can_fail_too() {
    run(1, |world| async move {
        process(&world, || async {
            std::mem::drop(File::create(Path::new("log")).await.unwrap());
            World::current().disks().fail_next_syncs("disk", 1);
            assert!(fs::sync_directory(Path::new("/")).await.is_err());
        })
        .await;
        world.power_off("disk");
        assert_eq!(world.disks().read_of("disk", Path::new("log")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(disk_events(&world), [DiskEvent::SyncFailed { file: "/".to_owned() }]);
    });
}

#[test]
fn a_full_disk_refuses_until_there_is_room() {
    run(1, |world| async move {
        process(&world, || async {
            let mut log = half_written().await;
            let world = World::current();
            world.disks().fill("disk");
            let before = log.length().await.unwrap();
            let refused = log.append(&[7; 4_096]).await.unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::StorageFull);
            let partial = log.length().await.unwrap() - before;
            assert!(partial < 512, "{partial} bytes fitted into a full disk");
            assert_eq!(log.append(b"x").await.unwrap_err().kind(), ErrorKind::StorageFull);
            log.truncate(before + partial - 1).await.expect("there is a byte to cut: this seed writes some");
            log.append(b"x").await.expect("a byte was cut off");
            world.disks().drain("disk");
            log.append(&[7; 4_096]).await.expect("the disk is as good as endless again");
        })
        .await;
        assert_eq!(disk_events(&world).len(), 2);
    });
}

#[test]
fn one_bit_rots_and_only_on_the_disk() {
    run(1, |world| async move {
        process(&world, || async { half_written().await.length().await }).await.unwrap();
        let disks = world.disks();
        let log = Path::new("log");
        disks.rot("disk", log, 0, 0).unwrap();
        assert_eq!(disks.read_of("disk", log).unwrap(), b"rafe and more");
        assert_eq!(disks.rot("disk", log, 4, 0).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(disks.rot("disk", Path::new("other"), 0, 0).unwrap_err().kind(), ErrorKind::NotFound);
        let (file, offset) = disks.rot_anywhere("disk").expect("four bytes are on the disk");
        assert!(file == "/log" && offset < 4);
        let changed: u32 =
            disks.read_of("disk", log).unwrap().iter().zip(b"rafe and more").map(|(a, b)| (a ^ b).count_ones()).sum();
        assert_eq!(changed, 1);
    });
}

#[test]
fn a_new_disk_is_empty() {
    run(1, |world| async move {
        process(&world, || async { half_written().await.length().await }).await.unwrap();
        world.disks().wipe("disk");
        assert_eq!(world.disks().read_of("disk", Path::new("log")).unwrap_err().kind(), ErrorKind::NotFound);
        assert_eq!(world.disks().rot_anywhere("disk"), None);
        assert_eq!(disk_events(&world).last(), Some(&DiskEvent::Wiped));
    });
}

#[test]
fn who_cuts_the_power_when_an_fsync_begins_is_in_time() {
    run(1, |world| async move {
        let mut syncs = world.disks().syncs();
        world.add_node("disk", || async {
            half_written().await.sync().await.unwrap();
            unreachable!("the power is gone");
        });
        // The file, the directory, the file once more.
        for _ in 0..3 {
            assert_eq!(syncs.recv().await, Some("disk".into()));
        }
        world.power_off("disk");
        assert_eq!(world.disks().read_of("disk", Path::new("log")).unwrap(), b"safe", "or a torn tail");
    });
}

#[test]
fn every_node_has_a_disk_of_its_own() {
    run(1, |world| async move {
        process(&world, || async { half_written().await.length().await }).await.unwrap();
        world.add_node("other", std::future::pending::<()>);
        assert_eq!(world.disks().read_of("other", Path::new("log")).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(fs::list(Path::new("/")).await.unwrap().is_empty(), "nor does the supervisor see it");
    });
}

fn trace(seed: u64) -> TraceHash {
    run(seed, |world| async move {
        process(&world, || async {
            fs::create_directory(Path::new("data")).await.unwrap();
            for number in 0..20 {
                let mut file = File::create(Path::new(&format!("data/{number}"))).await.unwrap();
                file.append(&[0; 1_000]).await.unwrap();
                file.sync().await.unwrap();
                file.append(&[1; 1_000]).await.unwrap();
            }
            fs::sync_directory(Path::new("data")).await.unwrap();
            fs::sync_directory(Path::new("/")).await.unwrap();
        })
        .await;
        world.disks().rot_anywhere("disk");
        world.power_off("disk");
        world.log().trace()
    })
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    assert_eq!(trace(7), trace(7));
    assert_ne!(trace(7), trace(8), "another seed tears other writes");
}
