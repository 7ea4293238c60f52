//! Connecting.

use std::io::ErrorKind;

use history::NetworkEvent;
use host::sim::World;

use crate::support::*;

/// A node that connects once and notes the outcome.
fn add_caller(world: &World, name: &str, server: &str, notes: &Notes<Result<(), ErrorKind>>) {
    let (server, notes) = (server.to_owned(), notes.clone());
    world.add_node(name, move || {
        let (server, notes) = (server.clone(), notes.clone());
        async move {
            let outcome = connect(&server).await;
            notes.write(outcome.as_ref().map(|_| ()).map_err(std::io::Error::kind));
            std::future::pending::<()>().await;
        }
    });
}

#[test]
fn connecting_takes_one_round_trip() {
    run(|world| async move {
        let notes = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_caller(&world, "client", "server", &notes);
        world.sleep(secs(1)).await;
        let (at, outcome) = notes.only();
        assert_eq!(outcome, Ok(()));
        assert_between(at, 20, 21);
        assert!(matches!(&told(&world, Some("client"))[..], [NetworkEvent::Connected { port: 2181, .. }]));
    });
}

#[test]
fn a_live_machine_where_nobody_listens_refuses_after_one_round_trip() {
    run(|world| async move {
        let notes = Notes::new();
        world.add_node("server", || async { std::future::pending().await });
        add_caller(&world, "client", "server", &notes);
        world.sleep(secs(1)).await;
        let (at, outcome) = notes.only();
        assert_eq!(outcome, Err(ErrorKind::ConnectionRefused));
        assert_between(at, 20, 21);
        assert!(matches!(&told(&world, Some("client"))[..], [NetworkEvent::Refused { port: 2181, .. }]));
    });
}

#[test]
fn a_machine_whose_process_died_refuses() {
    run(|world| async move {
        let notes = Notes::new();
        add_reader(&world, "server", &Notes::new());
        world.sleep(secs(1)).await;
        world.kill("server");
        add_caller(&world, "client", "server", &notes);
        world.sleep(secs(1)).await;
        assert_eq!(notes.only().1, Err(ErrorKind::ConnectionRefused));
    });
}

#[test]
fn a_machine_without_power_is_silent_until_the_kernel_gives_up() {
    run(|world| async move {
        let notes = Notes::new();
        add_reader(&world, "server", &Notes::new());
        world.sleep(millis(1)).await;
        world.power_off("server");
        add_caller(&world, "client", "server", &notes);
        world.sleep(secs(126)).await;
        assert!(notes.all().is_empty());
        world.sleep(secs(2)).await;
        let (at, outcome) = notes.only();
        assert_eq!(outcome, Err(ErrorKind::TimedOut));
        assert_between(at, 127_000, 127_010);
    });
}

#[test]
fn a_cut_in_either_direction_is_silence_whether_somebody_listens_or_not() {
    for (from, to) in [("client", "server"), ("server", "client")] {
        for listens in [true, false] {
            run(move |world| async move {
                let notes = Notes::new();
                if listens {
                    add_reader(&world, "server", &Notes::new());
                } else {
                    world.add_node("server", || async { std::future::pending().await });
                }
                add_caller(&world, "client", "server", &notes);
                world.network().cut(from, to);
                world.sleep(secs(126)).await;
                assert!(notes.all().is_empty(), "{from}>{to} {listens} {notes:?}");
                world.sleep(secs(2)).await;
                assert_eq!(notes.only().1, Err(ErrorKind::TimedOut));
            });
        }
    }
}

#[test]
fn an_attempt_is_repeated_until_the_link_is_healed() {
    run(|world| async move {
        let notes = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_caller(&world, "client", "server", &notes);
        part(&world, "client", "server");
        world.sleep(secs(2)).await;
        join(&world, "client", "server");
        world.sleep(secs(5)).await;
        // Sent at 0, 1 and 3 s.
        let (at, outcome) = notes.only();
        assert_eq!(outcome, Ok(()));
        assert_between(at, 3_020, 3_021);
    });
}

#[test]
fn an_address_of_nobody_is_silent() {
    run(|world| async move {
        let notes = Notes::new();
        let noting = notes.clone();
        world.add_node("client", move || {
            let notes = noting.clone();
            async move {
                let nobody = host::net::TcpStream::connect("10.0.9.9:80".parse().unwrap());
                notes.write(host::timeout(secs(5), nobody).await.is_err());
            }
        });
        world.sleep(secs(10)).await;
        assert!(notes.only().1, "the caller's timeout decides");
    });
}

#[test]
fn loopback_is_nearly_instant_and_a_port_is_taken_once() {
    run(|world| async move {
        let notes = Notes::new();
        let noting = notes.clone();
        world.add_node("alone", move || {
            let notes = noting.clone();
            async move {
                let listener = listen().await;
                let address = format!("127.0.0.1:{PORT}").parse().unwrap();
                let taken = host::net::TcpListener::bind(address).await;
                assert_eq!(taken.err().unwrap().kind(), ErrorKind::AddrInUse);
                let foreign = host::net::TcpListener::bind("10.0.7.7:1".parse().unwrap()).await;
                assert_eq!(foreign.err().unwrap().kind(), ErrorKind::AddrNotAvailable);
                let _stream = host::net::TcpStream::connect(address).await.unwrap();
                let (_, peer) = listener.accept().await.unwrap();
                assert!(peer.ip().is_loopback());
                notes.write(());
            }
        });
        world.network().cut("alone", "alone");
        assert!(!world.network().is_cut("alone", "alone"));
        world.sleep(secs(1)).await;
        assert_between(notes.only().0, 0, 1);
    });
}
