//! Records: how log and snapshot are laid out, and how a torn end is told from damage.
//!
//! A record is its length, the checksum of the length, the checksum of the body, the body, and an end mark. A write that
//! was cut off leaves a record without its end mark; it was never acknowledged, so dropping it loses nothing. A record
//! that has its end mark was written in full: if a checksum does not fit, what was safe has changed since.

use bytes::{BufMut, Bytes, BytesMut};

/// As ZooKeeper ends its records (`FileTxnLog`, `Util.marshallTxnEntry`).
const END_MARK: u8 = 0x42;
const HEADER: usize = 12;

/// Appends a record whose body is what `body` appends.
///
/// # Panics
/// If the body is longer than `u32::MAX` bytes.
pub(super) fn write(buffer: &mut BytesMut, body: impl FnOnce(&mut BytesMut)) {
    let start = buffer.len();
    buffer.put_bytes(0, HEADER);
    body(buffer);
    let length = u32::try_from(buffer.len() - start - HEADER).expect("a record is at most u32::MAX bytes long");
    let checksum = crc32fast::hash(&buffer[start + HEADER..]);
    let length = length.to_be_bytes();
    buffer[start..start + 4].copy_from_slice(&length);
    buffer[start + 4..start + 8].copy_from_slice(&crc32fast::hash(&length).to_be_bytes());
    buffer[start + 8..start + 12].copy_from_slice(&checksum.to_be_bytes());
    buffer.put_u8(END_MARK);
}

/// What stands at a place in a file.
#[derive(derive_more::Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A whole record, and where the next one starts.
    Record {
        #[debug("{} bytes", body.len())]
        body: Bytes,
        next: usize,
    },
    /// Nothing: the file ends here.
    End,
    /// The beginning of a record whose write was cut off.
    Torn,
    /// Bytes that cannot be what was written.
    Damaged(&'static str),
}

/// Reads what stands at `offset`.
pub(super) fn read(file: &Bytes, offset: usize) -> Read {
    let rest = &file[offset..];
    if rest.is_empty() {
        return Read::End;
    }
    // Room that was made for a write that never came reads as zeros; a record of length 0 has a checksum that is not.
    if rest.len() < HEADER || rest.iter().all(|byte| *byte == 0) {
        return Read::Torn;
    }
    let word = |at: usize| u32::from_be_bytes([rest[at], rest[at + 1], rest[at + 2], rest[at + 3]]);
    if crc32fast::hash(&rest[..4]) != word(4) {
        return Read::Damaged("the checksum of the length does not fit");
    }
    let Ok(length) = usize::try_from(word(0)) else { return Read::Damaged("the length is impossible") };
    let Some(end_mark) = rest.get(HEADER + length) else { return Read::Torn };
    let body = file.slice(offset + HEADER..offset + HEADER + length);
    let fits = crc32fast::hash(&body) == word(8);
    match (*end_mark, fits) {
        (END_MARK, true) => Read::Record { body, next: offset + HEADER + length + 1 },
        (END_MARK, false) => Read::Damaged("the checksum of the body does not fit"),
        (0, false) if rest.len() == HEADER + length + 1 => Read::Torn,
        _ => Read::Damaged("the end mark is missing"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_records() -> Vec<u8> {
        let mut buffer = BytesMut::new();
        write(&mut buffer, |body| body.put_slice(b"first"));
        write(&mut buffer, |body| body.put_slice(b"second"));
        buffer.to_vec()
    }

    fn read_all(file: Vec<u8>) -> (Vec<Bytes>, Read) {
        let file = Bytes::from(file);
        let (mut bodies, mut offset) = (Vec::new(), 0);
        loop {
            match read(&file, offset) {
                Read::Record { body, next } => {
                    bodies.push(body);
                    offset = next;
                }
                last => return (bodies, last),
            }
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read_all(two_records()), (vec!["first".into(), "second".into()], Read::End));
    }

    #[test]
    fn wherever_a_write_is_cut_the_record_is_torn_and_those_before_are_whole() {
        let whole = two_records();
        let first_end = 12 + 5 + 1;
        for length in first_end + 1..whole.len() {
            assert_eq!(read_all(whole[..length].to_vec()), (vec!["first".into()], Read::Torn), "cut at {length}");
        }
    }

    #[test]
    fn whichever_bit_rots_it_is_noticed() {
        let whole = two_records();
        for bit in 0..whole.len() * 8 {
            let mut rotten = whole.clone();
            rotten[bit / 8] ^= 1 << (bit % 8);
            let (bodies, last) = read_all(rotten);
            assert!(matches!(last, Read::Damaged(_)), "bit {bit} gave {bodies:?} and {last:?}");
        }
    }

    #[test]
    fn room_without_a_write_is_torn() {
        let mut file = two_records();
        file.extend([0; 100]);
        assert_eq!(read_all(file).1, Read::Torn);
    }
}
