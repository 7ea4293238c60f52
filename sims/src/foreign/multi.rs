//! Several operations at once: all of them or none, and several reads of one moment.

use zookeeper_client::{Client, Error, MultiReadResult, MultiWriteError};

use super::word;
use super::worker::{PLAIN, Worker};

const LEFT: &str = "/left";
const RIGHT: &str = "/right";

/// Writes the same value into both znodes of the pair, in one transaction.
pub async fn write_pair(worker: &mut Worker, client: &Client) {
    let value = worker.value();
    if worker.bug == Some(super::Bug::WritesOneByOne) {
        for path in [LEFT, RIGHT] {
            if let Err(Error::NoNode) = client.set_data(path, value.as_bytes(), None).await {
                let _ = client.create(path, value.as_bytes(), &PLAIN).await;
            }
            host::sleep(std::time::Duration::from_secs(1)).await;
        }
        return;
    }
    let mut writer = client.new_multi_writer();
    for path in [LEFT, RIGHT] {
        writer.add_set_data(path, value.as_bytes(), None).expect("a path");
    }
    let written = writer.commit().await;
    let is_missing =
        |error: &MultiWriteError| matches!(error, MultiWriteError::OperationFailed { source: Error::NoNode, .. });
    if written.as_ref().err().is_some_and(is_missing) {
        let mut maker = client.new_multi_writer();
        for path in [LEFT, RIGHT] {
            maker.add_create(path, value.as_bytes(), &PLAIN).expect("a path");
        }
        // Somebody else may have made them meanwhile.
        let _ = maker.commit().await;
    }
}

/// Reads both at once: they are the same, whoever wrote them.
pub async fn read_pair(client: &Client) {
    let mut reader = client.new_multi_reader();
    for path in [LEFT, RIGHT] {
        reader.add_get_data(path).expect("a path");
    }
    let Ok(read) = reader.commit().await else { return };
    let data = |result: &MultiReadResult| match result {
        MultiReadResult::Data { data, .. } => Some(data.clone()),
        _ => None,
    };
    match read.as_slice() {
        [left, right] if data(left) == data(right) => {}
        [_, _] => word::is_broken("a pair that is written at once was read in halves"),
        _ => word::is_broken("two reads at once were not answered by two results"),
    }
}
