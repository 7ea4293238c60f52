//! Who may do what to a znode.

use std::fmt;

use bytes::BytesMut;

use super::Permissions;
use crate::wire::{Decode, DecodeError, Encode, Reader, record};

/// An entry of an access control list: these permissions, to whom this identity matches.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Acl {
    /// What is allowed.
    pub permissions: Permissions,
    /// To whom.
    pub id: Id,
}

record!(Acl { permissions, id });

impl Acl {
    /// An entry from its three parts.
    pub fn new(permissions: Permissions, scheme: impl Into<String>, id: impl Into<String>) -> Self {
        Self { permissions, id: Id { scheme: scheme.into(), id: id.into() } }
    }

    /// Everything to everybody (`ZooDefs.Ids.OPEN_ACL_UNSAFE`).
    #[must_use]
    pub fn open() -> Self {
        Self::new(Permissions::ALL, "world", "anyone")
    }

    /// Reading to everybody (`ZooDefs.Ids.READ_ACL_UNSAFE`).
    #[must_use]
    pub fn read_only() -> Self {
        Self::new(Permissions::READ, "world", "anyone")
    }

    /// Everything to the identities of the one who creates (`ZooDefs.Ids.CREATOR_ALL_ACL`).
    #[must_use]
    pub fn creator() -> Self {
        Self::new(Permissions::ALL, "auth", "")
    }
}

/// An identity, in the terms of an authentication scheme.
///
/// `Debug` shows the identity in the schemes that hold no secret, the user but not the digest in
/// those that do, and of any other scheme nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The scheme: `world`, `auth`, `digest`, `ip`, `x509`, `sasl`, `super`.
    pub scheme: String,
    /// Who, as the scheme writes it.
    pub id: String,
}

impl Encode for Id {
    fn encode(&self, buffer: &mut BytesMut) {
        let Self { scheme, id } = self;
        scheme.encode(buffer);
        id.encode(buffer);
    }
}

/// A null identity reads as an empty one: kazoo writes every empty string as null, and that of `auth` is empty.
impl Decode for Id {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let scheme = Decode::decode(reader)?;
        let id = Option::<String>::decode(reader)?.unwrap_or_default();
        Ok(Self { scheme, id })
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, id } = self;
        match (scheme.as_str(), id.split_once(':')) {
            ("world" | "ip" | "x509" | "sasl", _) => write!(formatter, "{scheme}:{id:?}"),
            ("digest" | "super", Some((user, _))) => write!(formatter, "{scheme}:{user:?}:(hidden)"),
            _ => write!(formatter, "{scheme:?}:(hidden)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_null_identity_reads_as_an_empty_one() {
        let bytes = Bytes::from_static(b"\0\0\0\x1f\0\0\0\x04auth\xff\xff\xff\xff");
        assert_eq!(Acl::from_bytes(&bytes), Ok(Acl::creator()));
    }
}
