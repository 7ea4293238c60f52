//! The log of transactions, as a disk may give it back: torn, rotten, or full of something else.

use bytes::{Bytes, BytesMut};
use server::fuzzing::{read_logs, recover, seal, write_log};
use server::{Database, StorageError};

use crate::choices::Choices;
use crate::memory::within_means;
use crate::transactions;

/// Checks the recovery of a log. The first byte says what the rest is: the log's bytes, the bodies of records whose
/// checksums are right, or transactions with what happens to them on their disk.
///
/// # Panics
/// If something does not hold.
pub fn check_log_record(input: &[u8]) {
    let mut choices = Choices::new(input);
    match choices.byte() % 3 {
        0 => check_read(&Bytes::copy_from_slice(choices.rest())),
        1 => {
            let mut log = BytesMut::new();
            while !choices.is_over() {
                seal(choices.bytes(), &mut log);
            }
            check_read(&log.freeze());
        }
        _ => check_damage(&mut choices),
    }
}

/// Any bytes: what is read from them can be written, and read as the same.
///
/// It is not replayed: a record whose checksums are right was written by a server, and what no leader would have decided
/// need not be survived.
fn check_read(log: &Bytes) {
    let read = within_means(log.len() * 2, || read_logs(std::slice::from_ref(log)));
    let Ok((transactions, end)) = read else { return };
    assert!(end <= log.len());
    let (again, _) = read_logs(&[write_log(&transactions)]).expect("what was read can be written");
    assert_eq!(again, transactions, "what is read is written, and read as the same");
}

/// What was written, and then damaged: what is read is the beginning of it, or an error says where the damage is.
fn check_damage(choices: &mut Choices<'_>) {
    let (written, _) = transactions::choose(choices);
    let (first, second) = written.split_at(choices.place(written.len() + 1));
    let mut logs = [write_log(first), write_log(second)];
    let damaged = choices.place(2);
    let damage = Damage::choose(choices);
    let whole = logs[damaged].clone();
    logs[damaged] = damage.inflict(&whole);
    let is_changed = logs[damaged] != whole;

    let transactions = match read_logs(&logs) {
        Ok((transactions, _)) => transactions,
        Err(error) => return assert_damage(&error, is_changed),
    };
    assert!(written.starts_with(&transactions), "nothing is read that was not written, in that order");
    let mut replayed = Database::default();
    for transaction in &transactions {
        let _ = replayed.apply(transaction, &mut Vec::new());
    }
    let recovered = recover(&logs).expect("it was read before");
    assert_eq!(recovered.digest(), replayed.digest());
    if !is_changed {
        assert_eq!(transactions.len(), written.len(), "what is whole is read in full");
    }
    if is_changed && damage.is_small() {
        panic!("one byte has changed, and nobody has noticed");
    }
}

fn assert_damage(error: &StorageError, is_changed: bool) {
    assert!(is_changed, "nothing was damaged: {error}");
    assert!(matches!(error, StorageError::Damaged { .. } | StorageError::Gap { .. }), "{error}");
}

/// What may happen to a file: its end is missing, a few bytes in a row have changed, room was made for more.
#[derive(Debug)]
pub(crate) struct Damage {
    cut: Option<u16>,
    place: u16,
    /// A checksum of 32 bits notices every change of as many in a row.
    change: [u8; 4],
    zeros: u8,
}

impl Damage {
    pub(crate) fn choose(choices: &mut Choices<'_>) -> Damage {
        let mut word = || u16::from_be_bytes([choices.byte(), choices.byte()]);
        let (cut, place) = (word(), word());
        let change = std::array::from_fn(|_| choices.byte());
        Damage { cut: choices.flag().then_some(cut), place, change, zeros: choices.byte() }
    }

    /// Whether it changes a byte and does nothing else.
    pub(crate) fn is_small(&self) -> bool {
        self.cut.is_none() && self.zeros == 0 && self.change[1..] == [0; 3]
    }

    pub(crate) fn inflict(&self, file: &Bytes) -> Bytes {
        let mut file = file.to_vec();
        if let Some(cut) = self.cut {
            file.truncate(usize::from(cut) % (file.len() + 1));
        }
        let place = usize::from(self.place) % file.len().max(1);
        for (byte, change) in file.iter_mut().skip(place).zip(self.change) {
            *byte ^= change;
        }
        file.resize(file.len() + usize::from(self.zeros), 0);
        file.into()
    }
}
