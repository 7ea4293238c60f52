//! Snapshots, as a disk or another server may give them.

use bytes::{Bytes, BytesMut};
use server::fuzzing::{read_snapshot, seal, write_snapshot};

use crate::choices::Choices;
use crate::log_record::Damage;
use crate::memory::within_means;
use crate::transactions;

/// Checks the reading of a snapshot. The first byte says what the rest is: the file's bytes, the bodies of records whose
/// checksums are right, or transactions whose database is written, with what happens to the file.
///
/// # Panics
/// If something does not hold.
pub fn check_snapshot(input: &[u8]) {
    let mut choices = Choices::new(input);
    match choices.byte() % 3 {
        0 => check_read(&Bytes::copy_from_slice(choices.rest())),
        1 => {
            let mut file = BytesMut::new();
            while !choices.is_over() {
                seal(choices.bytes(), &mut file);
            }
            check_read(&file.freeze());
        }
        _ => check_damage(&mut choices),
    }
}

/// Any bytes: the database that is read from them can be written, and read as the same.
fn check_read(file: &Bytes) {
    let database = match within_means(file.len() * 2, || read_snapshot(file)) {
        Ok(database) => database,
        Err((offset, what)) => return assert!(offset <= file.len() && !what.is_empty()),
    };
    let again = read_snapshot(&write_snapshot(&database)).expect("what was read can be written");
    assert_eq!(again.digest(), database.digest(), "what is read is written, and read as the same");
    assert_eq!(again.tree.len(), database.tree.len());
}

/// What was written, and then damaged: it is read as what it was, or not at all.
fn check_damage(choices: &mut Choices<'_>) {
    let (_, database) = transactions::choose(choices);
    let whole = write_snapshot(&database);
    let damaged = Damage::choose(choices).inflict(&whole);
    match read_snapshot(&damaged) {
        Ok(read) => {
            assert_eq!(damaged, whole, "damage is noticed");
            assert_eq!(read.digest(), database.digest());
        }
        Err((offset, what)) => assert!(damaged != whole, "nothing was damaged: {what} at byte {offset}"),
    }
}
