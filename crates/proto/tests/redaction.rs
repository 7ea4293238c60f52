//! No `Debug` output shows a password, a digest or a credential.

use bytes::Bytes;
use interregnum_proto::*;

const SECRET: &str = "s3cr3t";

fn assert_hidden(value: &dyn std::fmt::Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!shown.contains(SECRET), "{shown}");
        // The bytes of the secret as a list of numbers.
        assert!(!shown.replace(char::is_whitespace, "").contains("115,51,99"), "{shown}");
    }
}

fn secret() -> Secret {
    Secret(Bytes::from_static(b"alice:s3cr3t"))
}

fn password() -> Password {
    Password(*b"s3cr3ts3cr3ts3cr")
}

fn acls() -> Vec<Acl> {
    ["digest", "super", "auth", "token", ""]
        .into_iter()
        .flat_map(|scheme| ["alice:s3cr3t", "s3cr3t", ":s3cr3t"].map(|id| Acl::new(Permissions::ALL, scheme, id)))
        .collect()
}

#[test]
fn the_handshake() {
    assert_hidden(&ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid::ZERO,
        timeout_milliseconds: 1,
        session_id: SessionId(1),
        password: password(),
        read_only: None,
    });
    assert_hidden(&ConnectResponse { password: password(), ..ConnectResponse::refused(None) });
}

#[test]
fn credentials() {
    let request = AuthRequest { auth_type: 0, scheme: "digest".into(), credential: secret() };
    assert_hidden(&Request::Auth(request));
    assert_hidden(&Request::Sasl(SaslRequest { token: secret() }));
    assert_hidden(&Response::Sasl(SaslResponse { token: secret() }));
}

#[test]
fn access_control_lists() {
    // A digest's user is no secret, and helps who reads.
    let digest = Acl::new(Permissions::READ, "digest", "alice:s3cr3t");
    assert!(format!("{digest:?}").contains("alice"));
    // Without a colon there is no telling user and secret apart.
    for scheme in ["digest", "super", "auth", "token"] {
        assert_hidden(&Acl::new(Permissions::READ, scheme, SECRET));
    }
    assert_hidden(&acls());
    assert_hidden(&Response::GetAcl(GetAclResponse { acls: acls(), stat: Stat::default() }));
    let create = CreateRequest { path: "/a".into(), data: None, acls: acls(), flags: 0 };
    assert_hidden(&Request::Multi(MultiRequest { operations: vec![MultiOperation::Create(create.clone())] }));
    assert_hidden(&Request::Create(create));
    let client_info = acls().into_iter().map(|acl| ClientInfo(acl.id)).collect();
    assert_hidden(&Response::WhoAmI(WhoAmIResponse { client_info }));
}

#[test]
fn bytes_in_transit() {
    let mut frames = FrameDecoder::default();
    frames.push(b"\0\0\0\x06s3cr3t");
    assert_hidden(&frames);
    assert_hidden(&Reader::new(&Bytes::from_static(SECRET.as_bytes())));
}
