//! Several operations in one.

use zookeeper_client::{CheckWriteError, Error, MultiReadResult, MultiWriteError, MultiWriteResult};

use crate::bed::{Bed, PERSISTENT};

crate::tests![transactions: all_or, none, reads, checked];

async fn all_or(bed: Bed) {
    let old = bed.create("/old").await;
    let new = bed.path("/new");
    let mut writer = bed.client.new_multi_writer();
    writer.add_create(&new, b"data", &PERSISTENT).unwrap();
    writer.add_set_data(&new, b"more", Some(0)).unwrap();
    writer.add_delete(&old, Some(0)).unwrap();
    writer.add_check_version(&new, 1).unwrap();
    let results = writer.commit().await.unwrap();
    let [MultiWriteResult::Create { path, stat }, MultiWriteResult::SetData { stat: set }, rest @ ..] = &results[..]
    else {
        panic!("{results:?}");
    };
    assert_eq!((path, set.version), (&new, 1));
    // Apache ZooKeeper tells no numbers of what a transaction creates, unless it is asked otherwise than the crate does.
    assert!(stat.is_invalid() || stat.czxid == set.mzxid, "{stat:?}");
    assert!(matches!(rest, [MultiWriteResult::Delete, MultiWriteResult::Check]), "{rest:?}");
    assert_eq!(bed.client.list_children(&bed.path("")).await, Ok(vec!["new".to_owned()]));
}

async fn none(bed: Bed) {
    let mut writer = bed.client.new_multi_writer();
    writer.add_create(&bed.path("/a"), b"", &PERSISTENT).unwrap();
    writer.add_delete(&bed.path("/no"), None).unwrap();
    writer.add_create(&bed.path("/b"), b"", &PERSISTENT).unwrap();
    let expected = MultiWriteError::OperationFailed { index: 1, source: Error::NoNode };
    assert_eq!(writer.commit().await.unwrap_err(), expected);
    assert_eq!(bed.client.list_children(&bed.path("")).await, Ok(vec![]));
    assert_eq!(bed.client.new_multi_writer().commit().await.unwrap().len(), 0);
}

async fn reads(bed: Bed) {
    let path = bed.create("/a").await;
    bed.create("/a/b").await;
    let mut reader = bed.client.new_multi_reader();
    reader.add_get_data(&path).unwrap();
    reader.add_get_children(&path).unwrap();
    reader.add_get_data(&bed.path("/no")).unwrap();
    let results = reader.commit().await.unwrap();
    match &results[..] {
        [
            MultiReadResult::Data { data, stat },
            MultiReadResult::Children { children },
            MultiReadResult::Error { err: Error::NoNode },
        ] => {
            assert_eq!((data.as_slice(), stat.num_children), (b"data".as_slice(), 1));
            assert_eq!(children, &["b"]);
        }
        other => panic!("{other:?}"),
    }
}

async fn checked(bed: Bed) {
    let path = bed.create("/a").await;
    let mut writer = bed.client.new_check_writer(&path, Some(0)).unwrap();
    writer.add_set_data(&path, b"1", None).unwrap();
    writer.commit().await.unwrap();
    let mut writer = bed.client.new_check_writer(&path, Some(0)).unwrap();
    writer.add_set_data(&path, b"2", None).unwrap();
    let expected = CheckWriteError::CheckFailed { source: Error::BadVersion };
    assert_eq!(writer.commit().await.unwrap_err(), expected);
}
