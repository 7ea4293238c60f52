//! Znodes, who may do what with them, and what can be asked about them.

use std::collections::BTreeSet;

use zookeeper_client::{Acl, Acls, AuthId, AuthUser, CreateMode, Error, Permission};

use crate::bed::{Bed, EPHEMERAL, PERSISTENT};

crate::tests![znodes:
    numbers, sequential, ephemeral, containers, time_to_live, versions, errors, directories, counts, permissions, masked_digests,
    identities, configuration, reconfiguration, sync,
];

async fn numbers(bed: Bed) {
    let path = bed.path("/a");
    let (created, _) = bed.client.create(&path, b"data", &PERSISTENT).await.unwrap();
    assert_eq!(bed.client.get_data(&path).await, Ok((b"data".to_vec(), created)));
    assert_eq!(bed.client.check_stat(&path).await, Ok(Some(created)));
    assert_eq!((created.version, created.cversion, created.data_length), (0, 0, 4));
    assert_eq!((created.czxid, created.ctime), (created.mzxid, created.mtime));
    let (child, _) = bed.client.create(&bed.path("/a/b"), b"", &PERSISTENT).await.unwrap();
    let (children, parent) = bed.client.get_children(&path).await.unwrap();
    assert_eq!((children, parent.pzxid, parent.num_children), (vec!["b".to_owned()], child.czxid, 1));
    assert_eq!(bed.client.list_children(&path).await, Ok(vec!["b".to_owned()]));
}

async fn sequential(bed: Bed) {
    let prefix = bed.path("/n-");
    for expected in 0..3 {
        let options = CreateMode::PersistentSequential.with_acls(Acls::anyone_all());
        let (_, sequence) = bed.client.create(&prefix, b"", &options).await.unwrap();
        assert_eq!(sequence.into_i64(), expected);
        let path = format!("{prefix}{sequence}");
        assert!(bed.client.check_stat(&path).await.unwrap().is_some(), "{path}");
    }
}

async fn ephemeral(bed: Bed) {
    let other = bed.connect().await;
    let path = bed.path("/a");
    let (stat, _) = other.create(&path, b"", &EPHEMERAL).await.unwrap();
    assert_eq!(stat.ephemeral_owner, other.session_id().0);
    assert_eq!(other.list_ephemerals(&bed.path("")).await, Ok(vec![path.clone()]));
    assert_eq!(bed.client.list_ephemerals(&bed.path("")).await, Ok(vec![]));
    let below = other.create(&bed.path("/a/b"), b"", &PERSISTENT).await;
    assert_eq!(below.unwrap_err(), Error::NoChildrenForEphemerals);
    // Whoever drops a client ends its session.
    let (_, gone) = bed.client.check_and_watch_stat(&path).await.unwrap();
    drop(other);
    gone.changed().await;
    assert_eq!(bed.client.check_stat(&path).await, Ok(None));
}

async fn containers(bed: Bed) {
    let options = CreateMode::Container.with_acls(Acls::anyone_all());
    let (stat, _) = bed.client.create(&bed.path("/c"), b"", &options).await.unwrap();
    assert_eq!(stat.ephemeral_owner, 0);
    bed.create("/c/child").await;
}

async fn time_to_live(bed: Bed) {
    let options = PERSISTENT.clone().with_ttl(std::time::Duration::from_secs(1));
    assert_eq!(bed.client.create(&bed.path("/t"), b"", &options).await.unwrap_err(), Error::Unimplemented);
}

async fn versions(bed: Bed) {
    let path = bed.create("/a").await;
    let stat = bed.client.set_data(&path, b"1", Some(0)).await.unwrap();
    assert_eq!(stat.version, 1);
    assert_eq!(bed.client.set_data(&path, b"2", Some(0)).await.unwrap_err(), Error::BadVersion);
    assert_eq!(bed.client.set_data(&path, b"2", None).await.unwrap().version, 2);
    assert_eq!(bed.client.delete(&path, Some(1)).await, Err(Error::BadVersion));
    assert_eq!(bed.client.delete(&path, Some(2)).await, Ok(()));
}

async fn errors(bed: Bed) {
    let path = bed.create("/a").await;
    bed.create("/a/b").await;
    let no = bed.path("/no");
    assert_eq!(bed.client.create(&path, b"", &PERSISTENT).await.unwrap_err(), Error::NodeExists);
    assert_eq!(bed.client.create(&bed.path("/no/child"), b"", &PERSISTENT).await.unwrap_err(), Error::NoNode);
    assert_eq!(bed.client.delete(&path, None).await, Err(Error::NotEmpty));
    assert_eq!(bed.client.delete(&no, None).await, Err(Error::NoNode));
    assert_eq!(bed.client.get_data(&no).await, Err(Error::NoNode));
    assert_eq!(bed.client.set_data(&no, b"", None).await, Err(Error::NoNode));
    assert_eq!(bed.client.list_children(&no).await, Err(Error::NoNode));
    assert_eq!(bed.client.get_acl(&no).await, Err(Error::NoNode));
    assert_eq!(bed.client.check_stat(&no).await, Ok(None));
}

async fn directories(bed: Bed) {
    let path = bed.path("/a/b/c");
    bed.client.mkdir(&path, &PERSISTENT).await.unwrap();
    bed.client.mkdir(&path, &PERSISTENT).await.unwrap();
    assert!(bed.client.check_stat(&path).await.unwrap().is_some());
}

async fn counts(bed: Bed) {
    for below in ["/a", "/a/b", "/a/b/c", "/ab"] {
        bed.create(below).await;
    }
    assert_eq!(bed.client.count_descendants_number(&bed.path("/a")).await, Ok(2));
    assert_eq!(bed.client.count_descendants_number(&bed.path("/no")).await, Err(Error::NoNode));
}

async fn permissions(bed: Bed) {
    let anna = bed.connect().await;
    anna.auth("digest", b"anna:secret").await.unwrap();
    let path = bed.path("/a");
    anna.create(&path, b"data", &CreateMode::Persistent.with_acls(Acls::creator_all())).await.unwrap();
    assert_eq!(bed.client.get_data(&path).await, Err(Error::NoAuth));
    assert_eq!(bed.client.set_data(&path, b"", None).await, Err(Error::NoAuth));
    assert_eq!(anna.get_data(&path).await.unwrap().0, b"data");
    let stat = anna.set_acl(&path, &[Acl::new(Permission::READ, AuthId::anyone())], Some(0)).await.unwrap();
    assert_eq!(stat.aversion, 1);
    assert_eq!(bed.client.get_data(&path).await.unwrap().0, b"data");
    assert_eq!(
        anna.set_acl(&path, &[Acl::new(Permission::ALL, AuthId::anyone())], None).await,
        Err(Error::NoAuth),
        "it gave that away"
    );
    let nobody = CreateMode::Persistent.with_acls(Acls::creator_all());
    assert_eq!(bed.client.create(&bed.path("/b"), b"", &nobody).await.unwrap_err(), Error::InvalidAcl);
}

async fn masked_digests(bed: Bed) {
    let acls =
        [Acl::new(Permission::ALL, AuthId::new("digest", "anna:hash")), Acl::new(Permission::READ, AuthId::anyone())];
    let path = bed.path("/a");
    bed.client.create(&path, b"", &CreateMode::Persistent.with_acls(Acls::new(&acls))).await.unwrap();
    let (seen, _) = bed.client.get_acl(&path).await.unwrap();
    let ids: Vec<(&str, &str)> = seen.iter().map(|acl| (acl.scheme(), acl.id())).collect();
    assert_eq!(ids, [("digest", "anna:x"), ("world", "anyone")]);
}

async fn identities(bed: Bed) {
    let client = bed.connect().await;
    client.auth("digest", b"anna:secret").await.unwrap();
    let users: BTreeSet<(String, String)> = client
        .list_auth_users()
        .await
        .unwrap()
        .iter()
        .map(|user: &AuthUser| (user.scheme().to_owned(), user.user().to_owned()))
        .collect();
    let expected = [("digest", "anna"), ("ip", "127.0.0.1")].map(|(scheme, user)| (scheme.to_owned(), user.to_owned()));
    assert_eq!(users, expected.into());
}

async fn configuration(bed: Bed) {
    let (data, _) = bed.client.get_config().await.unwrap();
    let text = String::from_utf8(data).expect("it is text");
    let servers = text.lines().filter(|line| line.starts_with("server.")).count();
    let expected = if bed.place.servers.len() == 1 { 0 } else { bed.place.servers.len() };
    assert_eq!(servers, expected, "{text}");
}

async fn reconfiguration(bed: Bed) {
    let update = zookeeper_client::EnsembleUpdate::New { ensemble: ["server.9=127.0.0.1:1:2;3"].into_iter() };
    assert_eq!(bed.client.update_ensemble(update, None).await.unwrap_err(), Error::ReconfigDisabled);
}

async fn sync(bed: Bed) {
    let path = bed.create("/a").await;
    for server in &bed.place.servers {
        let other = crate::bed::connect(server, crate::bed::LONG).await;
        for _ in 0..10 {
            let written = bed.client.set_data(&path, b"", None).await.unwrap();
            other.sync(&path).await.unwrap();
            assert_eq!(other.check_stat(&path).await, Ok(Some(written)), "at {server}");
        }
    }
}
