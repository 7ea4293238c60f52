//! A client's own root: put before each path on its way out, taken off on its way back.

use proto::path::{self, PathError};

/// The znode that is the root for a client. It is not created by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chroot {
    /// Without the slash at the end: empty for the root of all.
    prefix: String,
}

impl Chroot {
    /// This znode as root.
    ///
    /// # Errors
    /// If it is not the path of a znode.
    pub fn new(path: &str) -> Result<Chroot, PathError> {
        path::validate(path)?;
        let prefix = if path == "/" { "" } else { path };
        Ok(Chroot { prefix: prefix.to_owned() })
    }

    /// The znode.
    #[must_use]
    pub fn path(&self) -> &str {
        if self.prefix.is_empty() { "/" } else { &self.prefix }
    }

    /// The server's name for what the client calls `path`.
    #[must_use]
    pub fn apply(&self, path: &str) -> String {
        if path == "/" { self.path().to_owned() } else { self.apply_to_prefix(path) }
    }

    /// The server's name for what the client calls `prefix`, when a sequence number will be appended to it.
    #[must_use]
    pub fn apply_to_prefix(&self, prefix: &str) -> String {
        format!("{}{prefix}", self.prefix)
    }

    /// The client's name for what the server calls `path`. What lies outside keeps its name.
    #[must_use]
    pub fn strip(&self, path: &str) -> String {
        match path.strip_prefix(&self.prefix) {
            Some("") => "/".to_owned(),
            Some(inside) if inside.starts_with('/') => inside.to_owned(),
            _ => path.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_as_it_went() {
        for root in ["/", "/app", "/app/x"] {
            let chroot = Chroot::new(root).expect("the root is a path");
            for path in ["/", "/a", "/a/b"] {
                assert_eq!(chroot.strip(&chroot.apply(path)), path, "{root} {path}");
            }
        }
    }

    #[test]
    fn the_chroot_itself_is_the_root() {
        let chroot = Chroot::new("/app").expect("a path");
        assert_eq!(chroot.apply("/"), "/app");
        assert_eq!(chroot.apply_to_prefix("/"), "/app/");
        assert_eq!(chroot.strip("/apple"), "/apple");
    }
}
