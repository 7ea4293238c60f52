//! What stands in Kafka's znodes (ZkData.scala: ControllerZNode, ControllerEpochZNode).

use host::WallTime;

/// The number of a broker, from its node's name: the digits at its end, or a number made of all of it.
pub(super) fn broker_id(node: &str) -> u32 {
    let digits = node.len() - node.trim_end_matches(|character: char| character.is_ascii_digit()).len();
    // Broker ids are not negative, as 32 bits with a sign.
    node[node.len() - digits..].parse().unwrap_or_else(|_| crc32fast::hash(node.as_bytes()) >> 1)
}

/// The data of `/controller`.
pub(super) fn controller(broker: u32, wall: WallTime) -> String {
    let milliseconds = wall.as_millis();
    format!("{{\"version\":1,\"brokerid\":{broker},\"timestamp\":\"{milliseconds}\"}}")
}

/// The broker in the data of `/controller`.
pub(super) fn broker_in(data: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(data).ok()?;
    let (_, after) = text.split_once("\"brokerid\":")?;
    let end = after.find(|character: char| !character.is_ascii_digit())?;
    after[..end].parse().ok()
}

/// The epoch in the data of `/controller_epoch`.
pub(super) fn epoch_in(data: &[u8]) -> Option<i32> {
    std::str::from_utf8(data).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_controller_is_read_as_it_was_written() {
        let data = controller(7, WallTime::from_epoch(Duration::from_millis(1_600_000_000_123)));
        assert_eq!(data, r#"{"version":1,"brokerid":7,"timestamp":"1600000000123"}"#);
        assert_eq!(broker_in(data.as_bytes()), Some(7));
        assert_eq!(broker_in(b"{}"), None);
    }

    #[test]
    fn brokers_are_numbered_by_their_names() {
        assert_eq!(broker_id("c12"), 12);
        assert_eq!(broker_id("12"), 12);
        assert_ne!(broker_id("ada"), broker_id("eve"));
    }
}
