//! Transactions as a server might have written them: each applies to what those before it made.

use std::sync::Arc;

use bytes::Bytes;
use proto::{Acl, ErrorCode, Permissions, SessionId, Zxid};
use server::{Acls, Change, Create, Database, Owner, Ticket, Transaction};

use crate::choices::Choices;

/// More would be slower, and show nothing new.
const MOST: u8 = 24;

const NAMES: [&str; 4] = ["a", "b", "n-0000000000", "\u{e4}"];

/// Chooses transactions that follow each other. Gives the database they make of an empty one, too.
pub(crate) fn choose(choices: &mut Choices<'_>) -> (Vec<Transaction>, Database) {
    let count = choices.byte() % MOST;
    let (mut transactions, mut database) = (Vec::new(), Database::default());
    for number in 1..=i64::from(count) {
        let change = match choices.byte() % 8 {
            7 => Change::Multi((0..choices.byte() % 3).map(|_| set_data("/", choices)).collect()),
            _ => choose_change(choices, &database),
        };
        let session = SessionId(i64::from(choices.byte() % 4) << 56 | 1);
        let time = choices.number();
        let transaction = Transaction { zxid: Zxid(number), session, ticket: Ticket::NONE, time, change };
        // What failed when it was written fails again.
        let _ = database.apply(&transaction, &mut Vec::new());
        transactions.push(transaction);
    }
    (transactions, database)
}

fn choose_change(choices: &mut Choices<'_>, database: &Database) -> Change {
    let parent = *choices.one_of(&["/", "/a", "/a/b", "/b"]);
    let path: Arc<str> = proto::path::join(parent, NAMES[usize::from(choices.byte()) % NAMES.len()]).into();
    match choices.byte() % 8 {
        0 => Change::CreateSession { timeout_milliseconds: choices.small_number() },
        1 => {
            let session = SessionId(i64::from(choices.byte() % 4) << 56 | 1);
            Change::CloseSession { paths: database.tree.ephemerals(session).cloned().collect() }
        }
        2 if database.tree.get(&path).is_some_and(|node| node.children.is_empty()) => Change::Delete { path },
        3 => set_data(&path, choices),
        4 => Change::SetAcl { path, acls: choose_acls(choices), version: choices.small_number() },
        5 => Change::Failure(ErrorCode::NoNode),
        6 => Change::Barrier,
        // As a leader would refuse it.
        _ if database.tree.get(parent).is_none_or(|parent| parent.owner.session().is_some()) => {
            Change::Failure(ErrorCode::NoChildrenForEphemerals)
        }
        _ => Change::Create(Create {
            path,
            data: choose_data(choices),
            acls: choose_acls(choices),
            owner: Owner::from_bits(choices.number()),
            parent_cversion: choices.small_number(),
            sequential: choices.flag(),
        }),
    }
}

fn set_data(path: &str, choices: &mut Choices<'_>) -> Change {
    Change::SetData { path: path.into(), data: choose_data(choices), version: choices.small_number() }
}

fn choose_data(choices: &mut Choices<'_>) -> Option<Bytes> {
    choices.flag().then(|| Bytes::copy_from_slice(choices.bytes()))
}

fn choose_acls(choices: &mut Choices<'_>) -> Acls {
    match choices.byte() % 3 {
        0 => vec![Acl::open()].into(),
        1 => Vec::new().into(),
        _ => vec![Acl::new(Permissions(choices.small_number()), "digest", "alice:digest=")].into(),
    }
}
