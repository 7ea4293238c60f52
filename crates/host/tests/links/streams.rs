//! Streams over links that are slow, late or lossy, and streams that end.

use std::time::Duration;

use host::sim::{Quality, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::*;

/// A client that sends `count` numbered lines and then ends; gives what the server read, and when it was done.
async fn stream_lines(world: &World, count: usize) -> (String, Duration) {
    let seen = Notes::new();
    add_reader(world, "server", &seen);
    world.add_node("client", move || async move {
        let mut stream = connect("server").await.unwrap();
        for number in 0..count {
            stream.write_all(format!("{number}\n").as_bytes()).await.unwrap();
            host::sleep(millis(1)).await;
        }
    });
    while seen.what().last() != Some(&Saw::End) {
        world.sleep(millis(10)).await;
    }
    let text =
        seen.what().into_iter().map(|saw| if let Saw::Text(text) = saw { text } else { String::new() }).collect();
    (text, seen.all().last().unwrap().0.elapsed())
}

fn lines(count: usize) -> String {
    (0..count).map(|number| format!("{number}\n")).collect()
}

#[test]
fn loss_makes_a_stream_slower_never_corrupt() {
    run_seed(1, |world| async move {
        world.network().set_default_quality(Quality { loss: 0.3, ..Quality::default() });
        let (text, took) = stream_lines(&world, 500).await;
        assert_eq!(text, lines(500));
        assert!(took > millis(700), "{took:?}");
    });
}

#[test]
fn a_latency_spike_holds_for_one_link_and_direction_until_it_is_restored() {
    run(|world| async move {
        let client = Notes::new();
        add_echo(&world, "server");
        add_writer(&world, "client", "server", &[(1, "a"), (3, "b"), (5, "c")], &client);
        world.sleep(secs(2)).await;
        let spike = Quality { spike: millis(500), ..Quality::steady(LATENCY) };
        world.network().set_quality("server", "client", spike.clone());
        assert_eq!(world.network().quality("server", "client"), spike);
        assert_eq!(world.network().quality("client", "server"), Quality::steady(LATENCY));
        world.sleep(secs(2)).await;
        world.network().restore_quality("server", "client");
        world.sleep(secs(2)).await;
        let at: Vec<_> = client.all().into_iter().map(|(at, _)| at).collect();
        assert_between(at[0], 1_020, 1_021);
        assert_between(at[1], 3_520, 3_521);
        assert_between(at[2], 5_020, 5_021);
        assert_eq!(told(&world, None).len(), 2, "the change and its end are told");
    });
}

#[test]
fn a_slow_link_passes_its_bandwidth() {
    run(|world| async move {
        world.network().set_default_quality(Quality { bandwidth: Some(10_000), ..Quality::steady(LATENCY) });
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        let all = "x".repeat(20_000);
        add_writer(&world, "client", "server", &[(1, &all)], &Notes::new());
        world.sleep(secs(10)).await;
        assert_between(seen.all().last().unwrap().0, 3_010, 3_011);
    });
}

#[test]
fn a_shut_down_stream_ends_for_the_reader_and_can_still_be_read() {
    run(|world| async move {
        world.add_node("server", || async {
            let (mut stream, _) = listen().await.accept().await.unwrap();
            let mut request = String::new();
            stream.read_to_string(&mut request).await.unwrap();
            stream.write_all(request.to_uppercase().as_bytes()).await.unwrap();
        });
        let notes = Notes::new();
        let noting = notes.clone();
        world.add_node("client", move || {
            let notes = noting.clone();
            async move {
                let mut stream = connect("server").await.unwrap();
                stream.write_all(b"hello").await.unwrap();
                stream.shutdown().await.unwrap();
                assert!(stream.write_all(b"more").await.is_err());
                let mut reply = String::new();
                stream.read_to_string(&mut reply).await.unwrap();
                notes.write(reply);
            }
        });
        world.sleep(secs(1)).await;
        assert_eq!(notes.only().1, "HELLO");
    });
}

#[test]
fn connections_overtake_each_other_bytes_of_one_never() {
    run_seed(3, |world| async move {
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        for name in ["a", "b"] {
            world.add_node(name, move || async move {
                let mut stream = connect("server").await.unwrap();
                host::sleep_until(host::Instant::from_reading(secs(1))).await;
                for number in 0..100 {
                    stream.write_all(format!("{name}{number:02}").as_bytes()).await.unwrap();
                    host::sleep(millis(1)).await;
                }
                std::future::pending::<()>().await;
            });
        }
        world.sleep(secs(3)).await;
        let text: String =
            seen.what().into_iter().map(|saw| if let Saw::Text(text) = saw { text } else { panic!() }).collect();
        let of = |name: &str| {
            let pieces = text.as_bytes().chunks(3).map(|piece| std::str::from_utf8(piece).unwrap());
            pieces.filter(|piece| piece.starts_with(name)).collect::<Vec<_>>()
        };
        assert!(of("a").is_sorted() && of("b").is_sorted());
        assert_eq!((of("a").len(), of("b").len()), (100, 100));
        let swaps = text.as_bytes().chunks(3).map(|piece| piece[0]).collect::<Vec<_>>();
        assert!(swaps.windows(2).any(|pair| pair == b"aa") && swaps.windows(2).any(|pair| pair == b"bb"));
    });
}

#[test]
fn nothing_is_left_of_a_run_whose_processes_still_waited() {
    let remains = run_seed(1, |world| async move {
        let token = std::sync::Arc::new(());
        let weak = std::sync::Arc::downgrade(&token);
        world.add_node("server", || async { drop(listen().await.accept().await) });
        world.add_node("waiting", move || {
            let token = token.clone();
            async move {
                let _stays = (token, listen().await.accept().await);
            }
        });
        world.sleep(secs(1)).await;
        weak
    });
    assert_eq!(remains.strong_count(), 0);
}

#[test]
fn nothing_is_left_of_a_run_whose_supervisor_still_listened() {
    let remains = run_seed(1, |world| async move {
        let token = std::sync::Arc::new(());
        let weak = std::sync::Arc::downgrade(&token);
        world.add_node("server", || async { drop(listen().await.accept().await) });
        let (mut exits, mut syncs, listening) = (world.exits(), world.disks().syncs(), world.clone());
        world.supervise(async move {
            let _stays = (token, listening);
            tokio::join!(exits.recv(), syncs.recv());
        });
        world.sleep(secs(1)).await;
        weak
    });
    assert_eq!(remains.strong_count(), 0);
}

#[test]
fn a_large_write_arrives_packet_by_packet() {
    run_seed(1, |world| async move {
        // On a link that loses much, the first packets of a write are there long before the last.
        world.network().set_default_quality(Quality { loss: 0.3, ..Quality::default() });
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        world.add_node("client", || async move {
            let mut stream = connect("server").await.unwrap();
            stream.write_all("x".repeat(30_000).as_bytes()).await.unwrap();
            host::sleep(secs(60)).await;
        });
        world.sleep(secs(60)).await;
        let pieces = seen.all().into_iter().filter_map(|(at, saw)| match saw {
            Saw::Text(text) => Some((at, text.len())),
            _ => None,
        });
        let pieces: Vec<_> = pieces.collect();
        assert_eq!(pieces.iter().map(|(_, length)| length).sum::<usize>(), 30_000);
        let (first, last) = (pieces[0].0, pieces[pieces.len() - 1].0);
        assert!(pieces.len() > 2 && last.since(first) > millis(100), "{pieces:?}");
    });
}
