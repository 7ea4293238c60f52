//! Cuts while a stream is open.

use std::io::ErrorKind;

use history::NetworkEvent;
use host::sim::Tcp;

use crate::support::*;

#[test]
fn a_cut_holds_bytes_and_delivers_them_in_order_after_the_heal() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(1, "a"), (3, "b"), (4, "c"), (11, "d")], &client);
        world.sleep(secs(2)).await;
        part(&world, "client", "server");
        world.sleep(secs(5)).await;
        assert_eq!(seen.what(), [text("a")]);
        join(&world, "client", "server");
        world.sleep(secs(5)).await;
        assert_eq!(seen.what(), [text("a"), text("bc"), text("d")]);
        // Unanswered since 3 s: sent again after 0.2, 0.6, 1.4, 3 and 6.2 s; healed at 7 s.
        assert_between(seen.all()[1].0, 9_210, 9_211);
        assert!(client.all().is_empty(), "{client:?}");
    });
}

#[test]
fn bytes_in_the_air_when_the_cut_begins_are_sent_again() {
    run(|world| async move {
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(1, "a")], &Notes::new());
        world.sleep(millis(1005)).await;
        part(&world, "client", "server");
        world.sleep(millis(100)).await;
        join(&world, "client", "server");
        world.sleep(secs(1)).await;
        assert_eq!(seen.what(), [text("a")]);
        assert_between(seen.only().0, 1_215, 1_216);
    });
}

#[test]
fn an_idle_connection_sees_nothing_of_a_cut() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(200, "late")], &client);
        world.sleep(secs(1)).await;
        part(&world, "client", "server");
        world.sleep(secs(100)).await;
        join(&world, "client", "server");
        world.sleep(secs(100)).await;
        assert_eq!(seen.what(), [text("late")]);
        assert!(client.all().is_empty());
    });
}

#[test]
fn a_cut_beyond_the_limit_times_out_the_side_with_unacknowledged_bytes() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(2, "lost"), (30, "more")], &client);
        world.sleep(secs(1)).await;
        part(&world, "client", "server");
        world.sleep(secs(20)).await;
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::TimedOut));
        assert_between(at, 17_000, 17_002);
        join(&world, "client", "server");
        world.sleep(secs(30)).await;
        assert_eq!(
            client.what(),
            [Saw::Error(ErrorKind::TimedOut), Saw::Error(ErrorKind::TimedOut)],
            "read, then write"
        );
        assert!(seen.all().is_empty(), "the other side had nothing to say and learns nothing: {seen:?}");
        let events = told(&world, Some("client"));
        assert_eq!(events.iter().filter(|event| matches!(event, NetworkEvent::TimedOut { .. })).count(), 1);
    });
}

#[test]
fn the_limit_is_a_parameter() {
    run(|world| async move {
        let client = Notes::new();
        world.network().set_tcp(Tcp { retransmission_limit: secs(3), ..Tcp::default() });
        add_reader(&world, "server", &Notes::new());
        add_writer(&world, "client", "server", &[(2, "lost")], &client);
        world.sleep(secs(1)).await;
        part(&world, "client", "server");
        world.sleep(secs(10)).await;
        assert_between(client.only().0, 5_000, 5_002);
    });
}

#[test]
fn over_a_one_way_cut_bytes_flow_but_the_sender_times_out() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(2, "a"), (3, "b")], &client);
        world.sleep(secs(1)).await;
        world.network().cut("server", "client");
        world.sleep(secs(30)).await;
        assert_eq!(seen.what(), [text("a"), text("b")]);
        assert_between(seen.all()[0].0, 2_010, 2_011);
        let (at, saw) = client.only();
        assert_eq!(saw, Saw::Error(ErrorKind::TimedOut));
        assert_between(at, 17_000, 17_001);
    });
}

#[test]
fn a_one_way_cut_that_is_healed_in_time_is_forgotten() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(2, "a"), (30, "b")], &client);
        world.sleep(secs(1)).await;
        world.network().cut("server", "client");
        world.sleep(secs(10)).await;
        world.network().heal("server", "client");
        world.sleep(secs(60)).await;
        assert_eq!(seen.what(), [text("a"), text("b")]);
        assert!(client.all().is_empty());
    });
}

#[test]
fn cuts_are_counted_and_healed_when_the_last_is_lifted() {
    run(|world| async move {
        let seen = Notes::new();
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(2, "a")], &Notes::new());
        world.sleep(secs(1)).await;
        let network = world.network();
        network.cut("client", "server");
        network.cut("client", "server");
        world.sleep(secs(3)).await;
        network.heal("client", "server");
        assert!(network.is_cut("client", "server") && !network.is_cut("server", "client"));
        world.sleep(secs(3)).await;
        assert!(seen.all().is_empty());
        network.heal_all();
        network.heal("client", "server");
        assert!(!network.is_cut("client", "server"));
        world.sleep(secs(4)).await;
        assert_eq!(seen.what(), [text("a")]);
        assert_eq!(told(&world, None).len(), 2, "one cut and one heal are told");
    });
}

#[test]
fn a_writer_waits_while_the_window_is_full_and_nothing_is_lost() {
    use tokio::io::AsyncWriteExt;
    run(|world| async move {
        let (seen, written) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        let noting = written.clone();
        world.add_node("client", move || {
            let written = noting.clone();
            async move {
                let mut stream = connect("server").await.unwrap();
                host::sleep(secs(1)).await;
                for _ in 0..100 {
                    stream.write_all(&[b'x'; 10_000]).await.unwrap();
                    written.write(());
                }
                std::future::pending::<()>().await;
            }
        });
        world.sleep(millis(500)).await;
        part(&world, "client", "server");
        world.sleep(secs(3)).await;
        assert_eq!(written.all().len(), 26, "256 KiB, rounded down");
        join(&world, "client", "server");
        world.sleep(secs(10)).await;
        assert_eq!(written.all().len(), 100);
        let bytes = seen.what().iter().map(|saw| if let Saw::Text(text) = saw { text.len() } else { 0 }).sum::<usize>();
        assert_eq!(bytes, 1_000_000);
    });
}
