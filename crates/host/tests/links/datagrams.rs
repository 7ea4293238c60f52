//! Datagrams.

use host::net::UdpSocket;
use host::sim::{Quality, World};

use crate::support::*;

/// Sends `count` numbered datagrams a millisecond apart; the other side notes the numbers as they come.
fn add_pair(world: &World, count: u32) -> Notes<u32> {
    let notes = Notes::new();
    let noting = notes.clone();
    world.add_node("receiver", move || {
        let notes = noting.clone();
        async move {
            let socket = UdpSocket::bind("0.0.0.0:53".parse().unwrap()).await.unwrap();
            let mut buffer = [0; 16];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                assert_eq!((length, from.port()), (4, 9));
                notes.write(u32::from_be_bytes(buffer[..4].try_into().unwrap()));
            }
        }
    });
    world.add_node("sender", move || async move {
        let socket = UdpSocket::bind("0.0.0.0:9".parse().unwrap()).await.unwrap();
        let target = host::net::lookup("receiver:53").await.unwrap()[0];
        for number in 0..count {
            host::sleep(millis(1)).await;
            socket.send_to(&number.to_be_bytes(), target).await.unwrap();
        }
        std::future::pending::<()>().await;
    });
    notes
}

async fn received(quality: Quality) -> Vec<u32> {
    let world = World::current();
    world.network().set_default_quality(quality);
    let notes = add_pair(&world, 1000);
    world.sleep(secs(10)).await;
    notes.what()
}

#[test]
fn a_steady_link_delivers_datagrams_in_order() {
    run(|_| async { assert_eq!(received(Quality::steady(LATENCY)).await, (0..1000).collect::<Vec<_>>()) });
}

#[test]
fn datagrams_are_lost() {
    run_seed(1, |_| async {
        let got = received(Quality { loss: 0.2, ..Quality::steady(LATENCY) }).await;
        assert!((700..900).contains(&got.len()), "{}", got.len());
    });
}

#[test]
fn datagrams_are_duplicated() {
    run_seed(1, |_| async {
        let got = received(Quality { duplicate: 0.2, ..Quality::steady(LATENCY) }).await;
        assert!((1100..1300).contains(&got.len()), "{}", got.len());
    });
}

#[test]
fn datagrams_are_reordered_by_jitter_and_on_purpose() {
    for quality in [Quality::default(), Quality { reorder: 0.1, ..Quality::steady(LATENCY) }] {
        run_seed(1, |_| async {
            let mut got = received(quality).await;
            assert!(!got.is_sorted());
            got.sort_unstable();
            assert_eq!(got, (0..1000).collect::<Vec<_>>());
        });
    }
}

#[test]
fn datagrams_into_a_cut_or_in_the_air_when_it_begins_are_gone() {
    run(|world| async move {
        let notes = add_pair(&world, 1000);
        world.sleep(millis(300)).await;
        world.network().cut("sender", "receiver");
        world.sleep(millis(100)).await;
        world.network().heal("sender", "receiver");
        world.sleep(secs(5)).await;
        let lost: Vec<u32> = (0..1000).filter(|number| !notes.what().contains(number)).collect();
        assert!((105..115).contains(&lost.len()), "a hundred, and ten in the air: {lost:?}");
        assert!(lost.windows(2).all(|pair| pair[0] + 1 == pair[1]));
    });
}
