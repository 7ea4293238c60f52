//! The values that records are made of.
//!
//! Strings: bytes that are not UTF-8 become U+FFFD, as in Java's decoder; the rules for paths then
//! refuse them. A null string is an error except where a field is an `Option`. A null vector reads
//! as an empty one, and is never written: no operation tells the two apart.

use bytes::{BufMut, Bytes, BytesMut};

use super::{Decode, DecodeError, Encode, Reader};

const NULL: i32 = -1;

fn put_length(length: usize, buffer: &mut BytesMut) {
    buffer.put_i32(i32::try_from(length).expect("a length on the wire is at most i32::MAX"));
}

fn put_buffer(bytes: &[u8], buffer: &mut BytesMut) {
    buffer.reserve(size_of::<i32>() + bytes.len());
    put_length(bytes.len(), buffer);
    buffer.put_slice(bytes);
}

impl Encode for i32 {
    fn encode(&self, buffer: &mut BytesMut) {
        buffer.put_i32(*self);
    }
}

impl Decode for i32 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take_array("int").map(Self::from_be_bytes)
    }
}

impl Encode for i64 {
    fn encode(&self, buffer: &mut BytesMut) {
        buffer.put_i64(*self);
    }
}

impl Decode for i64 {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take_array("long").map(Self::from_be_bytes)
    }
}

impl Encode for bool {
    fn encode(&self, buffer: &mut BytesMut) {
        buffer.put_u8(u8::from(*self));
    }
}

/// Any byte but zero is true, as in Java's `DataInput.readBoolean`.
impl Decode for bool {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take_array("boolean").map(|[byte]| byte != 0)
    }
}

impl Encode for str {
    fn encode(&self, buffer: &mut BytesMut) {
        put_buffer(self.as_bytes(), buffer);
    }
}

impl Encode for String {
    fn encode(&self, buffer: &mut BytesMut) {
        self.as_str().encode(buffer);
    }
}

impl Decode for String {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let offset = reader.position();
        let null = DecodeError::Null { what: "string", offset };
        Option::<Self>::decode(reader)?.ok_or(null)
    }
}

impl Encode for Option<String> {
    fn encode(&self, buffer: &mut BytesMut) {
        match self {
            Some(string) => string.encode(buffer),
            None => buffer.put_i32(NULL),
        }
    }
}

impl Decode for Option<String> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = reader.take_buffer("string")?;
        Ok(bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }
}

impl Encode for [u8] {
    fn encode(&self, buffer: &mut BytesMut) {
        put_buffer(self, buffer);
    }
}

/// Null and empty data are two things: `None` and `Some` of nothing.
impl Encode for Option<Bytes> {
    fn encode(&self, buffer: &mut BytesMut) {
        match self {
            Some(bytes) => put_buffer(bytes, buffer),
            None => buffer.put_i32(NULL),
        }
    }
}

impl Decode for Option<Bytes> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.take_shared("buffer")
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, buffer: &mut BytesMut) {
        encode_vector(self.iter(), buffer);
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let Some(count) = reader.take_length("vector")? else {
            return Ok(Self::new());
        };
        // A count is only a claim: reserve no more memory than the input has bytes to show for it.
        let affordable = reader.remaining() / size_of::<T>().max(1);
        let mut items = Self::with_capacity(count.min(affordable));
        for _ in 0..count {
            items.push(T::decode(reader)?);
        }
        Ok(items)
    }
}

/// Appends a vector from whatever holds its items, without gathering them first.
///
/// # Panics
/// If there are more than `i32::MAX` items.
pub fn encode_vector<'a, T, I>(items: I, buffer: &mut BytesMut)
where
    T: Encode + ?Sized + 'a,
    I: ExactSizeIterator<Item = &'a T>,
{
    put_length(items.len(), buffer);
    for item in items {
        item.encode(buffer);
    }
}
