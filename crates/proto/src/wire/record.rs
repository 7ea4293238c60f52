//! A record is its fields in order: both directions from one list.

/// Implements [`Encode`](super::Encode) and [`Decode`](super::Decode) for a struct whose wire form
/// is its fields in the order listed. A field left out does not compile.
macro_rules! record {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::wire::Encode for $name {
            fn encode(&self, buffer: &mut ::bytes::BytesMut) {
                let Self { $($field),+ } = self;
                $($crate::wire::Encode::encode($field, buffer);)+
            }
        }

        impl $crate::wire::Decode for $name {
            fn decode(
                reader: &mut $crate::wire::Reader<'_>,
            ) -> Result<Self, $crate::wire::DecodeError> {
                $(let $field = $crate::wire::Decode::decode(reader)?;)+
                Ok(Self { $($field),+ })
            }
        }
    };
}

pub(crate) use record;
