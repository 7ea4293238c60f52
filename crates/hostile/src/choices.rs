//! Bytes as a string of choices: what a fuzzer changes at one place changes one choice.
//!
//! Where the bytes end, every further choice is the first one.

/// Bytes as a string of choices.
pub(crate) struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Choices<'a> {
        Choices { rest: bytes }
    }

    /// Whether all choices are made.
    pub(crate) fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((byte, rest)) => {
                self.rest = rest;
                *byte
            }
            None => 0,
        }
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// A place in something of this length, which has a place at all.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        let word = u16::from_be_bytes([self.byte(), self.byte()]);
        usize::from(word) % length
    }

    /// A small number, or one of those that overflow something.
    pub(crate) fn number(&mut self) -> i64 {
        match self.byte() {
            byte @ 0..=127 => i64::from(byte),
            128 => -1,
            129 => i64::from(i32::MAX),
            130 => i64::from(i32::MIN),
            131 => i64::MAX,
            132 => i64::MIN,
            133 => i64::from(u32::MAX),
            _ => i64::from_be_bytes(std::array::from_fn(|_| self.byte())),
        }
    }

    /// The same, cut down to 32 bits.
    pub(crate) fn small_number(&mut self) -> i32 {
        self.number() as i32
    }

    pub(crate) fn one_of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[usize::from(self.byte()) % all.len()]
    }

    /// A string of bytes: its length, and as much of it as there is.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let length = match self.byte() {
            255 => usize::from(u16::from_be_bytes([self.byte(), self.byte()])),
            byte => usize::from(byte),
        };
        let (bytes, rest) = self.rest.split_at(length.min(self.rest.len()));
        self.rest = rest;
        bytes
    }
}
