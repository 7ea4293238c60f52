//! Who may do what: access control lists and the identities that connections prove.
//!
//! Schemes: `world`, `auth`, `digest`, `ip`, and `super` by option. Refused: `x509` and `sasl`, which a ZooKeeper without
//! special settings refuses too.

pub mod digest;
mod ip;

use proto::{Acl, ErrorCode, Id, Permissions};

const WORLD: &str = "world";
const ANYONE: &str = "anyone";
const AUTH: &str = "auth";
const DIGEST: &str = "digest";
const IP: &str = "ip";
const SUPER: &str = "super";

/// What a list has to grant: any one of `wanted` will do (`ZooKeeperServer.checkACL`).
///
/// # Errors
/// `NoAuth` if none of the identities has it. An empty list grants everything, as ZooKeeper's does.
pub fn check(acls: &[Acl], wanted: Permissions, identities: &[Id]) -> Result<(), ErrorCode> {
    let is_granted = |acl: &Acl| {
        acl.permissions.intersects(wanted)
            && (is_anyone(&acl.id) || identities.iter().any(|identity| matches(identity, &acl.id)))
    };
    let is_super = || identities.iter().any(|identity| identity.scheme == SUPER);
    if acls.is_empty() || acls.iter().any(is_granted) || is_super() {
        return Ok(());
    }
    Err(ErrorCode::NoAuth)
}

/// The list as it is stored: without repetitions, `auth` replaced by the identities of the one who asks
/// (`PrepRequestProcessor.fixupACL`).
///
/// # Errors
/// `InvalidACL` if the list is empty, names an unknown scheme or nobody.
pub fn resolve(acls: &[Acl], identities: &[Id]) -> Result<Vec<Acl>, ErrorCode> {
    let mut resolved: Vec<Acl> = Vec::with_capacity(acls.len());
    let mut add = |acl: Acl| {
        if !resolved.contains(&acl) {
            resolved.push(acl);
        }
    };
    for acl in acls {
        match acl.id.scheme.as_str() {
            WORLD if acl.id.id == ANYONE => add(acl.clone()),
            // Only what a credential proved: an address is no proof (`AuthenticationProvider.isAuthenticated`).
            AUTH => {
                let mut proved = identities.iter().filter(|identity| identity.scheme == DIGEST).peekable();
                proved.peek().ok_or(ErrorCode::InvalidAcl)?;
                proved.for_each(|identity| add(Acl { permissions: acl.permissions, id: identity.clone() }));
            }
            DIGEST if digest::is_well_formed(&acl.id.id) => add(acl.clone()),
            IP if ip::is_well_formed(&acl.id.id) => add(acl.clone()),
            _ => return Err(ErrorCode::InvalidAcl),
        }
    }
    if resolved.is_empty() {
        return Err(ErrorCode::InvalidAcl);
    }
    Ok(resolved)
}

/// What a credential proves: one identity or, for the superuser, two.
///
/// # Errors
/// `AuthFailed` if nobody knows the scheme.
pub fn authenticate(
    scheme: &str,
    credential: &[u8],
    peer: std::net::IpAddr,
    super_digest: Option<&str>,
) -> Result<Vec<Id>, ErrorCode> {
    match scheme {
        DIGEST => {
            let id = digest::identity(credential);
            let mut proved = Vec::with_capacity(2);
            if super_digest == Some(id.as_str()) {
                proved.push(Id { scheme: SUPER.to_owned(), id: String::new() });
            }
            proved.push(Id { scheme: DIGEST.to_owned(), id });
            Ok(proved)
        }
        IP => Ok(vec![of_address(peer)]),
        _ => Err(ErrorCode::AuthFailed),
    }
}

/// The identity that every connection has from its address.
#[must_use]
pub fn of_address(peer: std::net::IpAddr) -> Id {
    Id { scheme: IP.to_owned(), id: peer.to_string() }
}

/// The list as it is shown to those who may not administer it: digests masked (`FinalRequestProcessor`, getACL).
#[must_use]
pub fn masked(acls: &[Acl]) -> Vec<Acl> {
    let mask = |acl: &Acl| {
        let mut acl = acl.clone();
        if acl.id.scheme == DIGEST
            && let Some((user, _)) = acl.id.id.split_once(':')
        {
            acl.id.id = format!("{user}:x");
        }
        acl
    };
    acls.iter().map(mask).collect()
}

fn is_anyone(id: &Id) -> bool {
    id.scheme == WORLD && id.id == ANYONE
}

fn matches(identity: &Id, id: &Id) -> bool {
    identity.scheme == id.scheme
        && match id.scheme.as_str() {
            DIGEST => identity.id == id.id,
            IP => ip::matches(&identity.id, &id.id),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alice() -> Id {
        Id { scheme: DIGEST.into(), id: digest::identity(b"alice:secret") }
    }

    fn address() -> Id {
        of_address([10, 0, 0, 1].into())
    }

    #[test]
    fn auth_becomes_the_callers_proved_identities() {
        let resolved = resolve(&[Acl::creator()], &[address(), alice()]).unwrap();
        assert_eq!(resolved, [Acl { permissions: Permissions::ALL, id: alice() }]);
        assert_eq!(resolve(&[Acl::creator()], &[address()]), Err(ErrorCode::InvalidAcl));
    }

    #[test]
    fn empty_and_unknown_lists_are_invalid() {
        assert_eq!(resolve(&[], &[alice()]), Err(ErrorCode::InvalidAcl));
        for (scheme, id) in [("world", "someone"), ("x509", "CN=a"), ("sasl", "a"), ("digest", "a"), ("ip", "b")] {
            let acl = Acl::new(Permissions::ALL, scheme, id);
            assert_eq!(resolve(&[acl], &[alice()]), Err(ErrorCode::InvalidAcl), "{scheme}");
        }
    }

    #[test]
    fn repetitions_are_dropped() {
        assert_eq!(resolve(&[Acl::open(), Acl::open()], &[]).unwrap(), [Acl::open()]);
    }

    #[test]
    fn only_the_one_named_gets_in() {
        let acls = [Acl { permissions: Permissions::READ, id: alice() }];
        assert_eq!(check(&acls, Permissions::READ, &[alice()]), Ok(()));
        assert_eq!(check(&acls, Permissions::WRITE, &[alice()]), Err(ErrorCode::NoAuth));
        assert_eq!(check(&acls, Permissions::READ, &[address()]), Err(ErrorCode::NoAuth));
        assert_eq!(check(&acls, Permissions::READ | Permissions::ADMIN, &[alice()]), Ok(()));
    }

    #[test]
    fn the_superuser_gets_in_everywhere() {
        let digest = digest::identity(b"root:secret");
        let proved = authenticate("digest", b"root:secret", [127, 0, 0, 1].into(), Some(&digest)).unwrap();
        let acls = [Acl::new(Permissions::READ, "digest", "a:b")];
        assert_eq!(check(&acls, Permissions::WRITE, &proved), Ok(()));
        let others = authenticate("digest", b"root:wrong", [127, 0, 0, 1].into(), Some(&digest)).unwrap();
        assert_eq!(check(&acls, Permissions::WRITE, &others), Err(ErrorCode::NoAuth));
    }

    #[test]
    fn an_unknown_scheme_fails() {
        assert_eq!(authenticate("world", b"", [127, 0, 0, 1].into(), None), Err(ErrorCode::AuthFailed));
    }

    #[test]
    fn digests_are_masked() {
        let acls = [Acl { permissions: Permissions::READ, id: alice() }, Acl::open()];
        assert_eq!(masked(&acls)[0].id.id, "alice:x");
        assert_eq!(masked(&acls)[1], Acl::open());
    }
}
