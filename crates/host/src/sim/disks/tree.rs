//! The tree of directories on one disk.
//!
//! A directory is a file too: what was created, renamed and removed in it is on the disk only after the directory was
//! synced. Power loss undoes the rest, each directory on its own. So a file that was synced is lost if its name was
//! not: the letter of POSIX, and harder than ext4, whose journal often saves the name with the file.
//!
//! What it refuses: removing and renaming directories, links, permissions.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Component, Path};
use std::sync::{Arc, Mutex};

use super::content::Content;
use crate::sim::core::lock;

/// A file, by whatever names it goes.
pub(super) type Shared = Arc<Mutex<Content>>;

/// A directory.
#[derive(Default)]
pub(super) struct Directory {
    /// What processes see.
    entries: BTreeMap<String, Entry>,
    /// What is on the disk.
    safe: BTreeMap<String, Entry>,
    /// How many syncs began, and which of them was the latest to reach the disk.
    syncs_begun: u64,
    synced: u64,
}

/// A directory, and a name in it.
type Place = (Arc<Mutex<Directory>>, String);

#[derive(Clone)]
enum Entry {
    File(Shared),
    Directory(Arc<Mutex<Directory>>),
}

/// A sync of a directory under way: what it will have written when it ends.
pub(super) struct DirectorySync {
    directory: Arc<Mutex<Directory>>,
    entries: BTreeMap<String, Entry>,
    ticket: u64,
}

impl DirectorySync {
    /// The entries are safe, unless the power went meanwhile or a later sync was faster.
    pub(super) fn end(self) {
        let mut directory = lock(&self.directory);
        if directory.synced < self.ticket {
            directory.synced = self.ticket;
            directory.safe = self.entries;
        }
    }
}

/// All files and directories of one disk.
#[derive(Default)]
pub(super) struct Tree {
    root: Arc<Mutex<Directory>>,
}

impl Tree {
    pub(super) fn create(&self, path: &Path) -> io::Result<Shared> {
        let (directory, name) = self.place(path).ok_or(ErrorKind::AlreadyExists)??;
        let mut directory = lock(&directory);
        if directory.entries.contains_key(&name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        let file = Shared::default();
        directory.entries.insert(name, Entry::File(file.clone()));
        Ok(file)
    }

    pub(super) fn file(&self, path: &Path) -> io::Result<Shared> {
        let (directory, name) = self.place(path).ok_or(ErrorKind::IsADirectory)??;
        match lock(&directory).entries.get(&name) {
            Some(Entry::File(file)) => Ok(file.clone()),
            Some(Entry::Directory(_)) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let directory = self.directory(&names(path))?;
        let names = lock(&directory).entries.keys().cloned().collect();
        Ok(names)
    }

    pub(super) fn create_directory(&self, path: &Path) -> io::Result<()> {
        let names = names(path);
        let mut directory = self.root.clone();
        for (depth, name) in names.iter().enumerate() {
            let next = match lock(&directory).entries.entry(name.clone()).or_insert_with(Entry::new_directory) {
                Entry::Directory(next) => next.clone(),
                Entry::File(_) if depth + 1 == names.len() => return Err(ErrorKind::AlreadyExists.into()),
                Entry::File(_) => return Err(ErrorKind::NotADirectory.into()),
            };
            directory = next;
        }
        Ok(())
    }

    /// Renames a file; gives the one whose name it takes.
    pub(super) fn rename(&self, from: &Path, to: &Path) -> io::Result<Option<Shared>> {
        let file = self.file(from)?;
        let replaced = {
            let (directory, name) = self.place(to).ok_or(ErrorKind::IsADirectory)??;
            let mut directory = lock(&directory);
            if let Some(Entry::Directory(_)) = directory.entries.get(&name) {
                return Err(ErrorKind::IsADirectory.into());
            }
            directory.entries.insert(name, Entry::File(file.clone()))
        };
        match replaced {
            Some(Entry::File(same)) if Arc::ptr_eq(&same, &file) => Ok(None),
            Some(Entry::File(replaced)) => self.remove(from).map(|_| Some(replaced)),
            _ => self.remove(from).map(|_| None),
        }
    }

    /// Removes a file and gives it: who has it open may go on.
    pub(super) fn remove(&self, path: &Path) -> io::Result<Shared> {
        let (directory, name) = self.place(path).ok_or(ErrorKind::IsADirectory)??;
        let mut directory = lock(&directory);
        match directory.entries.get(&name) {
            Some(Entry::File(file)) => {
                let file = file.clone();
                directory.entries.remove(&name);
                Ok(file)
            }
            Some(Entry::Directory(_)) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    pub(super) fn begin_sync(&self, path: &Path) -> io::Result<DirectorySync> {
        let shared = self.directory(&names(path))?;
        let mut directory = lock(&shared);
        directory.syncs_begun += 1;
        let (entries, ticket) = (directory.entries.clone(), directory.syncs_begun);
        drop(directory);
        Ok(DirectorySync { directory: shared, entries, ticket })
    }

    /// All files that processes see, by path.
    pub(super) fn files(&self) -> Vec<(String, Shared)> {
        let mut files = Vec::new();
        walk(&self.root, "", &mut |path, file| files.push((path, file)));
        files
    }

    /// Undoes what was not synced in the directories; gives the files that have no name any more, with the path of each.
    pub(super) fn lose_power(&self) -> Vec<(String, Shared)> {
        let before = self.files();
        forget(&self.root);
        let after = self.files();
        before.into_iter().filter(|(_, file)| !after.iter().any(|(_, other)| Arc::ptr_eq(file, other))).collect()
    }

    /// The directory that a path is in, and its name there; nothing for the root.
    fn place(&self, path: &Path) -> Option<io::Result<Place>> {
        let mut names = names(path);
        let name = names.pop()?;
        Some(self.directory(&names).map(|directory| (directory, name)))
    }

    fn directory(&self, names: &[String]) -> io::Result<Arc<Mutex<Directory>>> {
        let mut directory = self.root.clone();
        for name in names {
            let next = match lock(&directory).entries.get(name) {
                Some(Entry::Directory(next)) => next.clone(),
                Some(Entry::File(_)) => return Err(ErrorKind::NotADirectory.into()),
                None => return Err(ErrorKind::NotFound.into()),
            };
            directory = next;
        }
        Ok(directory)
    }
}

impl Entry {
    fn new_directory() -> Entry {
        Entry::Directory(Arc::default())
    }
}

/// The path from the root, in names. The root is every process's working directory.
fn names(path: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => {
                names.pop();
            }
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    names
}

/// The path as events show it.
pub(super) fn display(path: &Path) -> String {
    format!("/{}", names(path).join("/"))
}

fn walk(directory: &Mutex<Directory>, path: &str, visit: &mut impl FnMut(String, Shared)) {
    let entries = lock(directory).entries.clone();
    for (name, entry) in entries {
        let path = format!("{path}/{name}");
        match entry {
            Entry::File(file) => visit(path, file),
            Entry::Directory(directory) => walk(&directory, &path, visit),
        }
    }
}

fn forget(directory: &Mutex<Directory>) {
    let entries = {
        let mut directory = lock(directory);
        directory.entries = directory.safe.clone();
        directory.synced = directory.syncs_begun;
        directory.entries.clone()
    };
    for entry in entries.into_values() {
        if let Entry::Directory(directory) = entry {
            forget(&directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sync(tree: &Tree, path: &str) {
        tree.begin_sync(Path::new(path)).expect("it is a directory").end();
    }

    fn names_of(files: Vec<(String, Shared)>) -> Vec<String> {
        files.into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn a_name_that_was_not_synced_is_lost_with_its_file() {
        let tree = Tree::default();
        tree.create(Path::new("kept")).unwrap();
        sync(&tree, "/");
        tree.create(Path::new("lost")).unwrap();
        assert_eq!(names_of(tree.lose_power()), ["/lost"]);
        assert_eq!(names_of(tree.files()), ["/kept"]);
    }

    #[test]
    fn renaming_and_removing_come_undone() {
        let tree = Tree::default();
        for name in ["a", "b", "c"] {
            tree.create(Path::new(name)).unwrap();
        }
        sync(&tree, "/");
        let replaced = tree.rename(Path::new("a"), Path::new("b")).unwrap();
        tree.remove(Path::new("c")).unwrap();
        assert!(replaced.is_some());
        assert_eq!(names_of(tree.files()), ["/b"]);
        assert!(tree.lose_power().is_empty());
        assert_eq!(names_of(tree.files()), ["/a", "/b", "/c"]);
        assert!(Arc::ptr_eq(&tree.file(Path::new("b")).unwrap(), &replaced.unwrap()));
    }

    #[test]
    fn a_directory_is_as_safe_as_its_name() {
        let tree = Tree::default();
        tree.create_directory(Path::new("data/version-2")).unwrap();
        tree.create(Path::new("data/version-2/log")).unwrap();
        sync(&tree, "data/version-2");
        sync(&tree, "data");
        assert_eq!(names_of(tree.lose_power()), ["/data/version-2/log"]);
        assert!(tree.list(Path::new("/")).unwrap().is_empty());
    }

    #[test]
    fn a_sync_writes_what_was_there_when_it_began() {
        let tree = Tree::default();
        tree.create(Path::new("before")).unwrap();
        let early = tree.begin_sync(Path::new("/")).unwrap();
        tree.create(Path::new("during")).unwrap();
        sync(&tree, "/");
        early.end();
        assert!(tree.lose_power().is_empty(), "an early sync that ends late does not undo a later one");
        let late = tree.begin_sync(Path::new("/")).unwrap();
        tree.remove(Path::new("before")).unwrap();
        tree.lose_power();
        late.end();
        assert_eq!(names_of(tree.files()), ["/before", "/during"]);
    }

    #[test]
    fn renaming_a_file_to_its_own_name_changes_nothing() {
        let tree = Tree::default();
        tree.create(Path::new("a")).unwrap();
        assert!(tree.rename(Path::new("a"), Path::new("./a")).unwrap().is_none());
        assert_eq!(names_of(tree.files()), ["/a"]);
    }
}
