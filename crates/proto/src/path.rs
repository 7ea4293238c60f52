//! The names of znodes: which are legal, and how to take them apart.
//!
//! The rules are those of ZooKeeper's `PathUtils.validatePath`. It looks at UTF-16 units, so its
//! ban on U+D800 to U+F8FF (surrogates and private use) bans every character above U+FFFF too.
//!
//! An empty path is refused here. That a server takes it for the root in some operations is the
//! server's business.

use thiserror::Error;

/// The root of the tree.
pub const ROOT: &str = "/";

/// Why a path is not one. Offsets are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PathError {
    /// Nothing at all.
    #[error("the path is empty")]
    Empty,
    /// It does not start at the root.
    #[error("the path does not start with a slash")]
    NotAbsolute,
    /// It ends with a slash and is not the root.
    #[error("the path ends with a slash")]
    TrailingSlash,
    /// Two slashes in a row.
    #[error("the path has an empty name at byte {offset}")]
    EmptyName {
        /// Where the name would be.
        offset: usize,
    },
    /// A name that is one or two dots.
    #[error("the path has a relative name at byte {offset}")]
    RelativeName {
        /// Where the name starts.
        offset: usize,
    },
    /// A character that no name may have.
    #[error("the path has the forbidden character {character:?} at byte {offset}")]
    ForbiddenCharacter {
        /// The character.
        character: char,
        /// Where it stands.
        offset: usize,
    },
}

/// Whether `path` is the legal name of a znode.
pub fn validate(path: &str) -> Result<(), PathError> {
    validate_names(path, false)
}

/// Whether `path` is a legal name once a sequence number is appended: judged as `path` + `1`.
///
/// So `/a/` and `/..` are legal here.
pub fn validate_sequential(path: &str) -> Result<(), PathError> {
    validate_names(path, true)
}

fn validate_names(path: &str, suffix_follows: bool) -> Result<(), PathError> {
    if path.is_empty() {
        return Err(PathError::Empty);
    }
    if !path.starts_with('/') {
        return Err(PathError::NotAbsolute);
    }
    if path == ROOT {
        return Ok(());
    }
    let mut offset = 1;
    for name in path[1..].split('/') {
        let is_last = offset + name.len() == path.len();
        let is_complete = !(is_last && suffix_follows);
        match name {
            "" if is_last && is_complete => return Err(PathError::TrailingSlash),
            "" if is_complete => return Err(PathError::EmptyName { offset }),
            "." | ".." if is_complete => return Err(PathError::RelativeName { offset }),
            _ => validate_characters(name, offset)?,
        }
        offset += name.len() + 1;
    }
    Ok(())
}

fn validate_characters(name: &str, name_offset: usize) -> Result<(), PathError> {
    if name.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Ok(());
    }
    match name.char_indices().find(|&(_, character)| is_forbidden(character)) {
        None => Ok(()),
        Some((index, character)) => {
            let offset = name_offset + index;
            Err(PathError::ForbiddenCharacter { character, offset })
        }
    }
}

fn is_forbidden(character: char) -> bool {
    matches!(
        u32::from(character),
        0x0000..=0x001f | 0x007f..=0x009f | 0xd800..=0xf8ff | 0xfff0..
    )
}

/// The path of the parent; `None` for the root, and for what has no slash.
#[must_use]
pub fn parent(path: &str) -> Option<&str> {
    if path == ROOT {
        return None;
    }
    match path.rfind('/')? {
        0 => Some(ROOT),
        slash => Some(&path[..slash]),
    }
}

/// The last name in the path; empty for the root.
#[must_use]
pub fn name(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

/// The path of the child called `name`.
#[must_use]
pub fn join(parent: &str, name: &str) -> String {
    let parent = if parent == ROOT { "" } else { parent };
    let mut path = String::with_capacity(parent.len() + 1 + name.len());
    path.push_str(parent);
    path.push('/');
    path.push_str(name);
    path
}

/// The path of a sequential znode: `prefix` and the number in ten digits, sign included
/// (`PrepRequestProcessor`: `%010d`).
#[must_use]
pub fn sequential(prefix: &str, number: i32) -> String {
    format!("{prefix}{number:010}")
}
