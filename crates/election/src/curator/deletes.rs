//! Deletes that are guaranteed: repeated until the service has answered, through as many connections and sessions as it
//! takes (`FailedDeleteManager`).

use std::collections::BTreeSet;

use crate::protocol::{Answer, Desk, Request};

/// The znodes that are to be deleted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deletes(BTreeSet<String>);

impl Deletes {
    /// Deletes this znode.
    pub(crate) fn begin<Why>(&mut self, desk: &mut Desk<Why>, path: &str, why: impl Fn(String) -> Why) {
        self.0.insert(path.to_owned());
        desk.ask(Request::Delete { path: path.to_owned(), version: None }, why(path.to_owned()));
    }

    /// Takes in an answer: if the znode may still be there, it is asked again.
    pub(crate) fn answered<Why>(
        &mut self,
        desk: &mut Desk<Why>,
        path: &str,
        answer: &Answer,
        why: impl Fn(String) -> Why,
    ) {
        if *answer == Answer::Done {
            self.0.remove(path);
        } else {
            desk.ask_again(Request::Delete { path: path.to_owned(), version: None }, why(path.to_owned()));
        }
    }

    /// In a new session what the former one left to be deleted is gone on with.
    pub(crate) fn go_on<Why>(&self, desk: &mut Desk<Why>, why: impl Fn(String) -> Why) {
        for path in &self.0 {
            desk.ask(Request::Delete { path: path.clone(), version: None }, why(path.clone()));
        }
    }

    /// Whether nothing is to be deleted.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
