//! Processes that end, machines that lose power, processes that stall.

use std::io::ErrorKind;

use crate::support::*;

#[test]
fn a_killed_process_is_an_end_of_stream_after_the_latency() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[], &client);
        world.sleep(secs(1)).await;
        world.kill("server");
        world.sleep(secs(1)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::End);
        assert_between(at, 1_010, 1_011);
    });
}

#[test]
fn a_process_that_exits_is_an_end_of_stream_as_well() {
    run(|world| async move {
        let client = Notes::new();
        world.add_node("server", || async {
            let listener = listen().await;
            let _stream = listener.accept().await.unwrap();
            host::sleep(secs(1)).await;
        });
        add_writer(&world, "client", "server", &[], &client);
        world.sleep(secs(2)).await;
        assert_eq!(client.only().1, Saw::End);
        assert!(!world.is_running("server"));
    });
}

#[test]
fn a_process_killed_with_unread_bytes_is_a_reset() {
    run(|world| async move {
        let client = Notes::new();
        world.add_node("server", || async {
            let listener = listen().await;
            let _unread = listener.accept().await.unwrap();
            std::future::pending::<()>().await;
        });
        add_writer(&world, "client", "server", &[(1, "unread")], &client);
        world.sleep(secs(2)).await;
        world.kill("server");
        world.sleep(secs(1)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::ConnectionReset));
        assert_between(at, 2_010, 2_011);
    });
}

#[test]
fn no_end_of_stream_comes_through_a_cut() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[], &client);
        world.sleep(secs(1)).await;
        part(&world, "client", "server");
        world.kill("server");
        world.sleep(secs(5)).await;
        assert!(client.all().is_empty());
        join(&world, "client", "server");
        world.sleep(secs(5)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::End);
        assert_between(at, 6_000, 9_300);
    });
}

#[test]
fn what_a_killed_process_wrote_still_arrives() {
    run(|world| async move {
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(1, "a"), (3, "b")], &Notes::new());
        world.sleep(secs(2)).await;
        part(&world, "client", "server");
        world.sleep(secs(2)).await;
        world.kill("client");
        world.start("client");
        world.sleep(millis(1)).await;
        join(&world, "client", "server");
        world.sleep(millis(900)).await;
        assert_eq!(seen.what(), [text("a"), text("b"), Saw::End]);
    });
}

#[test]
fn a_write_to_a_process_that_is_gone_is_answered_by_a_reset() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(2, "into the void"), (3, "broken")], &client);
        world.sleep(secs(1)).await;
        world.kill("server");
        world.sleep(secs(3)).await;
        assert_eq!(client.what(), [Saw::End, Saw::Error(ErrorKind::BrokenPipe)]);
        assert_between(client.all()[1].0, 3_000, 3_001);
    });
}

#[test]
fn bytes_on_their_way_to_a_killed_process_are_answered_by_a_reset() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(1, "late"), (2, "broken")], &client);
        world.sleep(millis(1_005)).await;
        world.kill("server");
        world.sleep(secs(2)).await;
        assert_eq!(client.what(), [Saw::End, Saw::Error(ErrorKind::BrokenPipe)]);
    });
}

#[test]
fn a_machine_without_power_is_silent_and_answers_with_a_reset_when_it_is_back() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(3, "a")], &client);
        world.sleep(secs(1)).await;
        world.power_off("server");
        world.sleep(secs(4)).await;
        assert!(client.all().is_empty(), "silence");
        world.power_on("server");
        world.sleep(secs(5)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::ConnectionReset));
        // Unanswered since 3 s: sent again at 6 s.
        assert_between(at, 6_020, 6_021);
    });
}

#[test]
fn a_machine_that_stays_without_power_times_out_the_sender() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(3, "a")], &client);
        world.sleep(secs(1)).await;
        world.power_off("server");
        world.sleep(secs(30)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::TimedOut));
        assert_between(at, 18_000, 18_001);
    });
}

#[test]
fn an_idle_peer_never_learns_of_a_power_loss() {
    run(|world| async move {
        let client = Notes::new();
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(100, "hello?")], &client);
        world.sleep(secs(1)).await;
        world.power_off("server");
        world.sleep(secs(1)).await;
        world.power_on("server");
        world.start("server");
        world.sleep(secs(90)).await;
        assert!(client.all().is_empty());
        world.sleep(secs(20)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::ConnectionReset));
        assert_between(at, 100_020, 100_021);
    });
}

#[test]
fn a_paused_process_is_accepted_for_and_acknowledged_for_and_reads_late() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        world.sleep(millis(1)).await;
        world.pause("server");
        add_writer(&world, "client", "server", &[(1, "a")], &client);
        world.sleep(secs(30)).await;
        assert!(matches!(&told(&world, Some("client"))[..], [history::NetworkEvent::Connected { .. }]));
        assert!(client.all().is_empty(), "acknowledged, so no timeout: {client:?}");
        assert!(seen.all().is_empty());
        world.resume("server");
        world.sleep(millis(1)).await;
        let (at, saw) = seen.only();
        assert_eq!(saw, text("a"));
        assert_between(at, 30_001, 30_002);
    });
}

#[test]
fn the_kernel_of_a_paused_process_finishes_its_handshake() {
    run(|world| async move {
        let accepted = Notes::new();
        let noting = accepted.clone();
        world.add_node("server", move || {
            let accepted = noting.clone();
            async move {
                let listener = listen().await;
                let _stream = listener.accept().await.unwrap();
                accepted.write(());
                std::future::pending::<()>().await;
            }
        });
        add_writer(&world, "client", "server", &[], &Notes::new());
        world.sleep(millis(5)).await;
        world.pause("client");
        world.sleep(secs(5)).await;
        assert_between(accepted.only().0, 30, 31);
    });
}

#[test]
fn a_restarted_process_gets_its_port_back() {
    run(|world| async move {
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        for _ in 0..3 {
            world.sleep(secs(1)).await;
            world.kill("server");
            world.start("server");
        }
        world.pause("server");
        world.kill("server");
        world.start("server");
        add_writer(&world, "client", "server", &[(1, "a")], &Notes::new());
        world.sleep(secs(2)).await;
        assert_eq!(seen.what(), [text("a")]);
    });
}
