//! Who may do what: access control lists and the identities that connections prove.
//!
//! Schemes: `world`, `auth`, `digest`, `ip`, and by option `x509` and `super`. Refused: `sasl`, which a ZooKeeper without
//! special settings refuses too.

pub mod digest;
mod ip;
mod x509;

use proto::{Acl, ErrorCode, Id, Permissions};

const WORLD: &str = "world";
const ANYONE: &str = "anyone";
const AUTH: &str = "auth";
const DIGEST: &str = "digest";
const IP: &str = "ip";
const X509: &str = "x509";
const SUPER: &str = "super";

/// What the settings say of access.
#[derive(Clone, PartialEq, Eq)]
pub struct Rules {
    /// Whether everybody may do everything (`skipACL`). Lists are kept, and no less well-formed.
    pub skips_lists: bool,
    /// Whether passwords prove anything (`DigestAuthenticationProvider.enabled`); if not, nobody knows the scheme
    /// `digest`.
    pub digests: bool,
    /// The digest of the superuser (`DigestAuthenticationProvider.superDigest`), `user:base64`.
    pub super_digest: Option<String>,
    /// Whether certificates prove anything (`authProvider.x509`); if not, nobody knows the scheme `x509`. ZooKeeper knows
    /// it as soon as there is a port for TLS.
    pub certificates: bool,
    /// The subject whose certificate makes a superuser (`X509AuthenticationProvider.superUser`), as RFC 2253 writes it.
    pub super_subject: Option<String>,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { skips_lists: false, digests: true, super_digest: None, certificates: false, super_subject: None }
    }
}

/// A digest is as good as a password to whoever has time: it is not shown.
impl std::fmt::Debug for Rules {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Rules { skips_lists, digests, super_digest, certificates, super_subject } = self;
        formatter
            .debug_struct("Rules")
            .field("skips_lists", skips_lists)
            .field("digests", digests)
            .field("super_digest", &super_digest.as_ref().map(|_| "hidden"))
            .field("certificates", certificates)
            .field("super_subject", super_subject)
            .finish()
    }
}

impl Rules {
    /// What a list has to grant: any one of `wanted` will do (`ZooKeeperServer.checkACL`).
    ///
    /// # Errors
    /// `NoAuth` if none of the identities has it. An empty list grants everything, as ZooKeeper's does.
    pub fn check(&self, acls: &[Acl], wanted: Permissions, identities: &[Id]) -> Result<(), ErrorCode> {
        let is_granted = |acl: &Acl| {
            acl.permissions.intersects(wanted)
                && (is_anyone(&acl.id) || identities.iter().any(|identity| self.matches(identity, &acl.id)))
        };
        let is_super = || identities.iter().any(|identity| identity.scheme == SUPER);
        if self.skips_lists || acls.is_empty() || acls.iter().any(is_granted) || is_super() {
            return Ok(());
        }
        Err(ErrorCode::NoAuth)
    }

    /// The list as it is stored: without repetitions, `auth` replaced by the identities of the one who asks
    /// (`PrepRequestProcessor.fixupACL`).
    ///
    /// # Errors
    /// `InvalidACL` if the list is empty, names an unknown scheme or nobody.
    pub fn resolve(&self, acls: &[Acl], identities: &[Id]) -> Result<Vec<Acl>, ErrorCode> {
        let mut resolved: Vec<Acl> = Vec::with_capacity(acls.len());
        let mut add = |acl: Acl| {
            if !resolved.contains(&acl) {
                resolved.push(acl);
            }
        };
        for acl in acls {
            match acl.id.scheme.as_str() {
                WORLD if acl.id.id == ANYONE => add(acl.clone()),
                // Only what was proved: an address is no proof (`AuthenticationProvider.isAuthenticated`).
                AUTH => {
                    let is_proof = |identity: &&Id| self.proves(&identity.scheme);
                    let mut proved = identities.iter().filter(is_proof).peekable();
                    proved.peek().ok_or(ErrorCode::InvalidAcl)?;
                    proved.for_each(|identity| add(Acl { permissions: acl.permissions, id: identity.clone() }));
                }
                DIGEST if self.digests && digest::is_well_formed(&acl.id.id) => add(acl.clone()),
                X509 if self.certificates && x509::is_well_formed(&acl.id.id) => add(acl.clone()),
                IP if ip::is_well_formed(&acl.id.id) => add(acl.clone()),
                _ => return Err(ErrorCode::InvalidAcl),
            }
        }
        if resolved.is_empty() {
            return Err(ErrorCode::InvalidAcl);
        }
        Ok(resolved)
    }

    /// What a credential proves: one identity or, for a superuser, two. `held` is what the connection has proved before.
    ///
    /// # Errors
    /// `AuthFailed` if nobody knows the scheme, or the connection came without the certificate that it speaks of.
    pub fn authenticate(&self, scheme: &str, credential: &[u8], held: &[Id]) -> Result<Vec<Id>, ErrorCode> {
        match scheme {
            DIGEST if self.digests => {
                let id = digest::identity(credential);
                let is_super = self.super_digest.as_deref() == Some(id.as_str());
                // Whose digest it is does not matter, so that it has no name (`DigestAuthenticationProvider`).
                let superuser = is_super.then(|| Id { scheme: SUPER.to_owned(), id: String::new() });
                Ok(superuser.into_iter().chain([Id { scheme: DIGEST.to_owned(), id }]).collect())
            }
            // Both were proved when the connection began.
            IP => Ok(Vec::new()),
            X509 if self.certificates && held.iter().any(|identity| identity.scheme == X509) => Ok(Vec::new()),
            _ => Err(ErrorCode::AuthFailed),
        }
    }

    /// What a certificate with this subject proves: one identity or, for a superuser, two (`X509AuthenticationProvider`).
    #[must_use]
    pub fn of_subject(&self, subject: &str) -> Vec<Id> {
        let id = |scheme: &str| Id { scheme: scheme.to_owned(), id: subject.to_owned() };
        let is_super = self.super_subject.as_deref() == Some(subject);
        is_super.then(|| id(SUPER)).into_iter().chain([id(X509)]).collect()
    }

    fn proves(&self, scheme: &str) -> bool {
        match scheme {
            DIGEST => self.digests,
            X509 => self.certificates,
            _ => false,
        }
    }

    fn matches(&self, identity: &Id, id: &Id) -> bool {
        identity.scheme == id.scheme
            && match id.scheme.as_str() {
                DIGEST => self.digests && identity.id == id.id,
                X509 => self.certificates && identity.id == id.id,
                IP => ip::matches(&identity.id, &id.id),
                _ => false,
            }
    }
}

/// The identity that every connection has from its address.
#[must_use]
pub fn of_address(peer: std::net::IpAddr) -> Id {
    Id { scheme: IP.to_owned(), id: ip::shown(peer) }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> Rules {
        Rules::default()
    }

    fn alice() -> Id {
        Id { scheme: DIGEST.into(), id: digest::identity(b"alice:secret") }
    }

    fn address() -> Id {
        of_address([10, 0, 0, 1].into())
    }

    #[test]
    fn auth_becomes_the_callers_proved_identities() {
        let resolved = rules().resolve(&[Acl::creator()], &[address(), alice()]).unwrap();
        assert_eq!(resolved, [Acl { permissions: Permissions::ALL, id: alice() }]);
        assert_eq!(rules().resolve(&[Acl::creator()], &[address()]), Err(ErrorCode::InvalidAcl));
    }

    #[test]
    fn empty_and_unknown_lists_are_invalid() {
        assert_eq!(rules().resolve(&[], &[alice()]), Err(ErrorCode::InvalidAcl));
        for (scheme, id) in [("world", "someone"), ("x509", "CN=a"), ("sasl", "a"), ("digest", "a"), ("ip", "b")] {
            let acl = Acl::new(Permissions::ALL, scheme, id);
            assert_eq!(rules().resolve(&[acl], &[alice()]), Err(ErrorCode::InvalidAcl), "{scheme}");
        }
    }

    #[test]
    fn repetitions_are_dropped() {
        assert_eq!(rules().resolve(&[Acl::open(), Acl::open()], &[]).unwrap(), [Acl::open()]);
    }

    #[test]
    fn only_the_one_named_gets_in() {
        let acls = [Acl { permissions: Permissions::READ, id: alice() }];
        assert_eq!(rules().check(&acls, Permissions::READ, &[alice()]), Ok(()));
        assert_eq!(rules().check(&acls, Permissions::WRITE, &[alice()]), Err(ErrorCode::NoAuth));
        assert_eq!(rules().check(&acls, Permissions::READ, &[address()]), Err(ErrorCode::NoAuth));
        assert_eq!(rules().check(&acls, Permissions::READ | Permissions::ADMIN, &[alice()]), Ok(()));
    }

    #[test]
    fn the_superuser_gets_in_everywhere() {
        let rules = Rules { super_digest: Some(digest::identity(b"root:secret")), ..rules() };
        let proved = rules.authenticate("digest", b"root:secret", &[address()]).unwrap();
        let acls = [Acl::new(Permissions::READ, "digest", "a:b")];
        assert_eq!(rules.check(&acls, Permissions::WRITE, &proved), Ok(()));
        let others = rules.authenticate("digest", b"root:wrong", &[address()]).unwrap();
        assert_eq!(rules.check(&acls, Permissions::WRITE, &others), Err(ErrorCode::NoAuth));
        assert!(!format!("{rules:?}").contains("root"), "a digest is not shown: {rules:?}");
    }

    #[test]
    fn an_unknown_scheme_fails() {
        for scheme in ["world", "x509", "sasl", "super", ""] {
            assert_eq!(rules().authenticate(scheme, b"", &[address()]), Err(ErrorCode::AuthFailed), "{scheme}");
        }
    }

    #[test]
    fn without_digests_nobody_knows_the_scheme() {
        let rules = Rules { digests: false, super_digest: Some(digest::identity(b"root:secret")), ..rules() };
        assert_eq!(rules.authenticate("digest", b"root:secret", &[]), Err(ErrorCode::AuthFailed));
        let acls = [Acl { permissions: Permissions::ALL, id: alice() }];
        assert_eq!(rules.resolve(&acls, &[alice()]), Err(ErrorCode::InvalidAcl));
        assert_eq!(rules.resolve(&[Acl::creator()], &[alice()]), Err(ErrorCode::InvalidAcl));
        assert_eq!(rules.check(&acls, Permissions::READ, &[alice()]), Err(ErrorCode::NoAuth));
    }

    #[test]
    fn lists_that_are_skipped_are_kept_well_formed() {
        let rules = Rules { skips_lists: true, ..rules() };
        let acls = [Acl { permissions: Permissions::READ, id: alice() }];
        assert_eq!(rules.check(&acls, Permissions::WRITE, &[address()]), Ok(()));
        assert_eq!(rules.resolve(&acls, &[address()]).unwrap(), acls);
        assert_eq!(rules.resolve(&[Acl::creator()], &[address()]), Err(ErrorCode::InvalidAcl));
    }

    #[test]
    fn a_certificate_proves_its_subject() {
        let rules = Rules { certificates: true, super_subject: Some("CN=root".to_owned()), ..rules() };
        let proved = rules.of_subject("CN=alice,O=Org");
        let expected = Acl::new(Permissions::ALL, "x509", "CN=alice,O=Org");
        assert_eq!(rules.resolve(&[Acl::creator()], &proved).unwrap(), std::slice::from_ref(&expected));
        assert_eq!(rules.check(std::slice::from_ref(&expected), Permissions::READ, &proved), Ok(()));
        let others = rules.of_subject("CN=bob,O=Org");
        assert_eq!(rules.check(std::slice::from_ref(&expected), Permissions::READ, &others), Err(ErrorCode::NoAuth));
        assert_eq!(rules.check(&[expected], Permissions::READ, &rules.of_subject("CN=root")), Ok(()));
        assert_eq!(rules.authenticate("x509", b"", &proved), Ok(Vec::new()));
        assert_eq!(rules.authenticate("x509", b"", &[address()]), Err(ErrorCode::AuthFailed));
    }

    #[test]
    fn digests_are_masked() {
        let acls = [Acl { permissions: Permissions::READ, id: alice() }, Acl::open()];
        assert_eq!(masked(&acls)[0].id.id, "alice:x");
        assert_eq!(masked(&acls)[1], Acl::open());
    }
}
