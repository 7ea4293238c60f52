//! Faults of single connections.

use std::io::ErrorKind;

use history::NetworkEvent;

use crate::support::*;

#[test]
fn reset_connections_end_on_both_sides_at_once() {
    run(|world| async move {
        let (seen, client) = (Notes::new(), Notes::new());
        add_reader(&world, "server", &seen);
        add_writer(&world, "client", "server", &[(1, "a"), (2, "lost"), (3, "broken")], &client);
        world.sleep(millis(2_005)).await;
        part(&world, "client", "server");
        assert_eq!(world.network().reset_connections("server", "client"), 1);
        assert_eq!(world.network().reset_connections("server", "client"), 0, "it is gone");
        world.sleep(millis(1)).await;
        let reset = Saw::Error(ErrorKind::ConnectionReset);
        assert_eq!(seen.what(), [text("a"), reset.clone()]);
        assert_eq!(client.what(), [reset]);
        for node in ["client", "server"] {
            let resets =
                told(&world, Some(node)).into_iter().filter(|event| matches!(event, NetworkEvent::Reset { .. }));
            assert_eq!(resets.count(), 1, "{node}");
        }
    });
}

#[test]
fn an_acknowledgement_can_be_lost_after_the_write_took_effect() {
    run(|world| async move {
        let client = Notes::new();
        add_echo(&world, "server");
        add_writer(&world, "client", "server", &[(1, "a"), (2, "b")], &client);
        world.sleep(millis(1_500)).await;
        assert_eq!(world.network().swallow("server", "client"), 1);
        world.sleep(secs(30)).await;
        assert_eq!(client.what(), [text("a")], "silence, and nobody's patience ends");
        let server = told(&world, Some("server"));
        assert!(matches!(&server[..], [NetworkEvent::Delivered { .. }, NetworkEvent::Delivered { .. }]), "{server:?}");
        world.network().reset_connections("client", "server");
        world.sleep(secs(1)).await;
        assert_eq!(client.what(), [text("a"), Saw::Error(ErrorKind::ConnectionReset)]);
    });
}

#[test]
fn a_new_connection_is_none_of_the_swallowed_ones() {
    run(|world| async move {
        let client = Notes::new();
        add_echo(&world, "server");
        world.add_node("client", || async {});
        assert_eq!(world.network().swallow("server", "client"), 0);
        add_writer(&world, "other", "server", &[(1, "a")], &client);
        world.sleep(secs(2)).await;
        assert_eq!(client.what(), [text("a")]);
    });
}
