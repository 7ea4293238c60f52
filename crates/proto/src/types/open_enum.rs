//! Enumerations that a peer may know more of than we do: an unknown number is kept, not refused.

/// A number that stands for none of the variants known here.
///
/// Only reading makes one, so that a known variant never hides behind its bare number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownCode(i32);

impl UnknownCode {
    pub(super) const fn new(code: i32) -> Self {
        Self(code)
    }

    /// The number as sent.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// Defines an enumeration over 32-bit numbers with a variant for the unknown ones, its names as
/// ZooKeeper spells them, and its two directions.
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident {
            $($(#[$variant_attribute:meta])* $variant:ident = $code:literal, $label:literal;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_attribute])* $variant,)+
            /// A number not known here.
            Unknown($crate::types::UnknownCode),
        }

        impl $name {
            /// Every known variant, in the order of the definition.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            const fn classify(code: i32) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    _ => Self::Unknown($crate::types::UnknownCode::new(code)),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn to_i32(self) -> i32 {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown(code) => code.get(),
                }
            }

            /// ZooKeeper's name for it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)+
                    Self::Unknown(_) => "unknown",
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self {
                    Self::Unknown(code) => write!(formatter, "unknown({})", code.get()),
                    known => formatter.write_str(known.name()),
                }
            }
        }
    };
}

/// Gives an open enumeration its total conversion from a number, and its wire form.
macro_rules! total_conversion {
    ($name:ident) => {
        impl $name {
            /// What the number on the wire stands for.
            #[must_use]
            pub const fn from_i32(code: i32) -> Self {
                Self::classify(code)
            }
        }

        impl $crate::wire::Encode for $name {
            fn encode(&self, buffer: &mut ::bytes::BytesMut) {
                self.to_i32().encode(buffer);
            }
        }

        impl $crate::wire::Decode for $name {
            fn decode(reader: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::DecodeError> {
                i32::decode(reader).map(Self::from_i32)
            }
        }
    };
}

pub(super) use open_enum;
pub(super) use total_conversion;
